import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";

import { ErrorNotice } from "@/components/feedback";
import { isDay, mapServerErrors, percentText, shareOf } from "@/components/form";
import { asApiError, symbolsPartialUpdate, type Symbol } from "@/lib/api";
import { formatBarDate, formatPercent } from "@/lib/format";
import { refreshPrices, useMay } from "@/lib/queries";

import styles from "./data.module.css";

/** Whether and how a symbol ceased to trade: backtests settle a position held until then. */
export function Delisting({ symbol }: { symbol: Symbol }) {
  const [open, setOpen] = useState(false);
  const may = useMay("trading.change_symbol");
  if (open) return <DelistingForm symbol={symbol} onDone={() => setOpen(false)} />;
  return (
    <p className={styles.panelNote}>
      {words(symbol)}
      {may ? (
        <Button size="compact-xs" variant="subtle" onClick={() => setOpen(true)}>
          {symbol.delisted_on ? "Change" : "It was delisted …"}
        </Button>
      ) : null}
    </p>
  );
}

function words({ delisted_on: day, delisting_return: value }: Symbol): string {
  if (!day) return "";
  const rest =
    value === null
      ? "with a return nobody told: backtests take 30 % from a long and give a short nothing"
      : `with a return of ${formatPercent(value, 1)} after the last close`;
  return `Delisted on ${formatBarDate(day)}, ${rest}. `;
}

function DelistingForm({ symbol, onDone }: { symbol: Symbol; onDone: () => void }) {
  const [day, setDay] = useState(symbol.delisted_on ?? "");
  const [tried, setTried] = useState(false);
  const [percent, setPercent] = useState(symbol.delisting_return === null ? "" : percentText(symbol.delisting_return));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (body: Pick<Symbol, "delisted_on" | "delisting_return">) => symbolsPartialUpdate({ path: { id: symbol.id }, body }),
    onSuccess: async () => {
      await refreshPrices(client);
      onDone();
    },
  });
  const server = save.error ? mapServerErrors(asApiError(save.error).fields, ["delisted_on", "delisting_return"]).errors : {};
  const value = percent.trim() === "" ? null : shareOf(percent);
  // an emptied day takes a delisting back; where there is none, a return without a day says nothing
  const lacksDay = day === "" && percent.trim() !== "" && !symbol.delisted_on;
  const errors = {
    day: day !== "" && !isDay(day) ? "A day, as 2008-09-17." : tried && lacksDay ? "The day it ceased to trade." : server.delisted_on,
    percent: percent.trim() !== "" && value === null ? "A number, as −30." : server.delisting_return,
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (lacksDay || (day !== "" && !isDay(day)) || (percent.trim() !== "" && value === null)) return;
    save.mutate({ delisted_on: day === "" ? null : day, delisting_return: day === "" ? null : value });
  };
  return (
    <form className={styles.delisting} onSubmit={submit} noValidate aria-label={`Delisting of ${symbol.ticker}`}>
      <TextInput label="First day it traded no more" type="date" value={day} error={errors.day} onChange={(event) => setDay(event.currentTarget.value)} />
      <TextInput
        label="Return after the last close, %"
        inputMode="decimal"
        placeholder="unknown"
        value={percent}
        error={errors.percent}
        onChange={(event) => setPercent(event.currentTarget.value)}
      />
      <Button type="submit" size="xs" loading={save.isPending}>
        Keep
      </Button>
      <Button size="xs" variant="default" onClick={onDone}>
        Close
      </Button>
      {save.error && Object.keys(server).length === 0 ? <ErrorNotice error={save.error} what="The delisting was not kept" /> : null}
    </form>
  );
}
