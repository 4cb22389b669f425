import { getRouteApi } from "@tanstack/react-router";

import { SharedRun } from "@/features/backtests";
import { parseRunSearch } from "@/features/backtests/search";
import { SharedPair } from "@/features/pair";
import { parsePairSearch } from "@/features/pair/search";
import { SharedScan } from "@/features/pair-finder";
import { parsePairFinderSearch } from "@/features/pair-finder/search";
import { SharedPage } from "@/features/shared";

import { useSearchPatch } from "./useSearchPatch";

const route = getRouteApi("/shared/$token");

/** A link's page: this is where the features that draw scans, pairs and backtests meet the one that opens links. */
export function SharedRoute() {
  const { token } = route.useParams();
  const search = route.useSearch();
  const patch = useSearchPatch<Record<string, unknown>>();
  const onView = (view: Readonly<Record<string, unknown>>) => {
    if (Object.values(search).every((value) => value === undefined)) patch(view, { replace: true });
  };
  return (
    <SharedPage token={token} onView={onView}>
      {({ scan, pair, backtest }) =>
        scan ? (
          <SharedScan token={token} scan={scan} search={parsePairFinderSearch(search)} onSearch={patch} />
        ) : pair ? (
          <SharedPair token={token} pair={pair} search={parsePairSearch(search)} onSearch={patch} />
        ) : backtest ? (
          <SharedRun token={token} run={backtest} search={parseRunSearch(search)} onSearch={patch} />
        ) : null
      }
    </SharedPage>
  );
}
