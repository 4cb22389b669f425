import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { EmptyState, ErrorNotice, SkeletonBlock } from "@/components/feedback";
import { mapServerErrors } from "@/components/form";
import { Page } from "@/components/page";
import { asApiError, type PairAnalysis } from "@/lib/api";
import { formatAge, formatBarDate } from "@/lib/format";
import { scanQuery } from "@/lib/queries";

import { analysisQuery, analyzeRequest } from "../api/queries";
import { ANALYSE_FIELDS, type EffectiveWindow } from "../analyseForm";
import { swapLegs, type PairSearch } from "../search";
import { AnalyseForm } from "./AnalyseForm";
import { AnalysisView } from "./AnalysisView";
import { PairActions } from "./PairActions";
import { JudgementPending, ScanJudgement } from "./ScanJudgement";

export type SetSearch = (patch: Partial<PairSearch>, options?: { replace?: boolean }) => void;

interface Props {
  readonly search: PairSearch;
  readonly onSearch: SetSearch;
}

const ADJUSTMENTS: Record<string, string> = {
  total_return: "total return",
  split: "split-adjusted",
  raw: "unadjusted",
};

function dataWords({ source, adjustment, last_timestamp }: PairAnalysis): string {
  const kind = ADJUSTMENTS[adjustment] ?? adjustment;
  return `${source}, ${kind} · last bar ${formatBarDate(last_timestamp)}, ${formatAge(last_timestamp)}`;
}

function windowOf({ start_date, end_date }: PairAnalysis): EffectiveWindow {
  return { start_date: start_date.slice(0, 10), end_date: end_date.slice(0, 10) };
}

/** One pair: is it cointegrated, how sure is that, and what its spread does. */
export function PairPage({ search, onSearch }: Props) {
  const request = analyzeRequest(search);
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery(analysisQuery(request));
  const scan = useQuery({ ...scanQuery(search.scan ?? 0), enabled: search.scan !== undefined });
  // A scan that was deleted, or is another's, is not spoken of.
  const from = scan.error ? undefined : search.scan;
  const title = request ? `${request.symbol_1} / ${request.symbol_2}` : "Pair";
  // The form starts anew when the address changes under it: back, a link, swapped legs.
  const asked = JSON.stringify(request);
  const shown = request !== null && data && !error ? data : null;
  const effective = shown && !isPlaceholderData ? windowOf(shown) : null;

  return (
    <Page
      title={title}
      note={shown ? dataWords(shown) : null}
      actions={
        <>
          {from === undefined ? null : (
            <Button
              variant="default"
              renderRoot={(props) => <Link to="/pair-finder" search={{ scan: from }} {...props} />}
            >
              Back to scan {from}
            </Button>
          )}
          <Button variant="default" disabled={!request} onClick={() => onSearch(swapLegs(search))}>
            Swap legs
          </Button>
          {shown && !isPlaceholderData ? <PairActions key={asked} analysis={shown} search={search} /> : null}
        </>
      }
    >
      {from === undefined || !request ? null : scan.data ? (
        <ScanJudgement scan={scan.data} legs={[request.symbol_1, request.symbol_2]} search={search} shown={effective} />
      ) : (
        <JudgementPending id={from} />
      )}
      <AnalyseForm
        key={asked}
        search={search}
        onAnalyse={onSearch}
        busy={isFetching}
        error={error}
        effective={effective}
      />
      {error ? (
        <Refused error={error} title={title} onRetry={() => void refetch()} />
      ) : shown ? (
        <AnalysisView analysis={shown} judged={from !== undefined} search={search} onSearch={onSearch} stale={isPlaceholderData} />
      ) : request ? (
        <SkeletonBlock height={560} label="Analysing the pair" />
      ) : (
        <EmptyState title="No pair chosen">
          Choose two symbols above and press Analyse, or open a candidate from the Pair Finder.
        </EmptyState>
      )}
    </Page>
  );
}

/** What stands under the form is not said twice. */
function Refused({ error, title, onRetry }: { readonly error: Error; readonly title: string; readonly onRetry: () => void }) {
  const { errors, rest } = mapServerErrors(asApiError(error).fields, ANALYSE_FIELDS);
  if (Object.keys(errors).length > 0 && rest.length === 0) {
    return <EmptyState title={`${title} could not be analysed`}>The line above says why.</EmptyState>;
  }
  return <ErrorNotice error={error} what={`${title} could not be analysed`} onRetry={onRetry} />;
}
