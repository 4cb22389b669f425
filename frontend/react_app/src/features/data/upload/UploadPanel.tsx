import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef, useState, useSyncExternalStore } from "react";

import { universesQuery, useMay } from "@/lib/queries";

import { checkOptions, OPTION_FIELDS, optionWords, toFields, type UploadOptionErrors } from "./options";
import { OptionsForm } from "./OptionsForm";
import styles from "./upload.module.css";
import { addUploads, dropUpload, optionStore, uploadStore, type Upload } from "./uploads";
import { UploadQueue } from "./UploadQueue";
import { useFileDrop } from "./useFileDrop";

interface Props {
  /** A file was taken in: its job has begun. */
  readonly onAccepted: (ingestions: readonly number[]) => void;
}

const ACCEPTED = ".csv,.tsv,.txt,.dat,.gz,.zip,.parquet,.pq";

/** Today, as the person at the screen has it. */
function today(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** Errors the server put at one of the options; "universe" is said where it is chosen. */
function serverErrors(uploads: readonly Upload[]): UploadOptionErrors {
  const errors: UploadOptionErrors = {};
  for (const { error } of uploads) {
    for (const [field, messages] of Object.entries(error?.fields ?? {})) {
      const name = field === "universe" ? "into" : OPTION_FIELDS.find((each) => each === field);
      if (name) errors[name] = messages.join(" ");
    }
  }
  return errors;
}

/** Where prices come in: files dropped anywhere on the page, or chosen; options fold away. */
export function UploadPanel({ onAccepted }: Props) {
  const may = useMay("trading.add_ingestion");
  const uploads = useSyncExternalStore(uploadStore.subscribe, uploadStore.get);
  const options = useSyncExternalStore(optionStore.subscribe, optionStore.get);
  const { data: universes } = useQuery(universesQuery);
  const [tried, setTried] = useState(false);
  const [unfolded, setUnfolded] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const errors = { ...serverErrors(uploads), ...(tried ? checkOptions(options) : {}) };

  const take = (files: readonly File[]) => {
    if (files.length === 0 || !may) return;
    setTried(true);
    if (Object.keys(checkOptions(options)).length > 0) setUnfolded(true);
    else addUploads(files, toFields(options, files, today()));
  };
  const over = useFileDrop(take);
  useAccepted(uploads, onAccepted);
  useLeaveGuard(uploads.some(({ state }) => state === "sending" || state === "waiting"));

  const chosen = universes?.results.find(({ id }) => String(id) === options.into);
  return (
    <section aria-label="Bring in prices" className={styles.panel} data-over={over && may}>
      <div className={styles.zone}>
        <Button variant="default" disabled={!may} onClick={() => picker.current?.click()}>
          Choose files…
        </Button>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          accept={ACCEPTED}
          aria-label="Files of prices"
          onChange={(event) => {
            take([...(event.currentTarget.files ?? [])]);
            // The same file may be chosen again, mended.
            event.currentTarget.value = "";
          }}
        />
        <span>
          {may
            ? over
              ? "Let go to bring the prices in"
              : "or drop CSV, Parquet or zip files of daily bars anywhere on this page."
            : "Your role may look at prices, not bring them in."}
        </span>
      </div>
      {may ? (
        <details
          className={styles.options}
          open={unfolded}
          onToggle={(event) => setUnfolded(event.currentTarget.open)}
        >
          <summary>
            Options: <span>{optionWords(options, chosen?.name)}</span>
          </summary>
          <OptionsForm options={options} errors={errors} universes={universes?.results ?? []} onChange={optionStore.set} />
        </details>
      ) : null}
      <UploadQueue uploads={uploads} fieldsOf={(file) => toFields(options, [file], today())} />
    </section>
  );
}

/** Hands accepted uploads to the page once no more of the batch are on their way, and takes them off the list. */
function useAccepted(uploads: readonly Upload[], onAccepted: Props["onAccepted"]): void {
  const tell = useEffectEvent((accepted: readonly Upload[]) => {
    for (const { id } of accepted) dropUpload(id);
    onAccepted(accepted.flatMap(({ ingestion }) => (ingestion ? [ingestion.id] : [])));
  });
  useEffect(() => {
    const accepted = uploads.filter(({ state }) => state === "accepted");
    const more = uploads.some(({ state }) => state === "waiting" || state === "sending");
    if (accepted.length > 0 && !more) tell(accepted);
  }, [uploads]);
}

/** Closing the tab would break off what is being sent: the browser asks first. */
function useLeaveGuard(busy: boolean): void {
  useEffect(() => {
    if (!busy) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [busy]);
}
