import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { EmptyState, ErrorNotice, SkeletonRows } from "@/components/feedback";
import { Ago } from "@/components/time";
import type { AlertChannel } from "@/lib/api";
import { POLITE_MS } from "@/lib/socket";

import { deliveryWords } from "../channelForm";
import { channelsQuery, useTestChannel } from "../queries";
import type { AlertsSearch } from "../search";
import styles from "./alerts.module.css";
import type { SetSearch } from "./AlertsPage";
import { ChannelForm } from "./ChannelForm";

interface Props {
  readonly search: AlertsSearch;
  readonly onSearch: SetSearch;
}

function isOnItsWay({ last_delivery }: AlertChannel): boolean {
  return last_delivery?.status === "pending";
}

/** The ways an alert reaches one outside the application, and whether the last one arrived. */
export function Channels({ search: { edit }, onSearch }: Props) {
  const { data, error, refetch } = useQuery({
    ...channelsQuery,
    // A message on its way is looked after until it has arrived or was given up.
    refetchInterval: ({ state }) => (state.data?.results.some(isOnItsWay) ? POLITE_MS : false),
  });
  if (error) return <ErrorNotice error={error} what="The channels could not be loaded" onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={3} label="Loading the channels" />;
  const open = edit === 0 ? null : data.results.find(({ id }) => id === edit);
  return (
    <div className={open === undefined ? undefined : styles.split}>
      <section aria-labelledby="channels-heading">
        <div className={styles.head}>
          <h2 id="channels-heading">Channels</h2>
          <p className={styles.note}>Where alerts go besides the bell. Rules name the channels they use.</p>
          <span className={styles.spring} />
          <Button variant="default" onClick={() => onSearch({ edit: 0 })}>
            New channel
          </Button>
        </div>
        {data.results.length === 0 ? (
          <EmptyState title="No channel yet">
            A webhook posts each alert, signed, to an address of yours; e-mail needs a mail server set up by whoever runs
            TITAN.
          </EmptyState>
        ) : (
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Channel</th>
                <th scope="col" className={styles.lesser}>
                  Kind
                </th>
                <th scope="col">Goes to</th>
                <th scope="col">Last delivery</th>
                <th scope="col">
                  <span className="visually-hidden">Test</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.results.map((channel) => (
                <ChannelRow
                  key={channel.id}
                  channel={channel}
                  open={channel.id === edit}
                  onOpen={() => onSearch({ edit: channel.id === edit ? undefined : channel.id })}
                />
              ))}
            </tbody>
          </table>
        )}
      </section>
      {open === undefined ? null : (
        <ChannelForm key={open?.id ?? "new"} channel={open} onDone={() => onSearch({ edit: undefined })} />
      )}
    </div>
  );
}

interface RowProps {
  readonly channel: AlertChannel;
  readonly open: boolean;
  readonly onOpen: () => void;
}

function ChannelRow({ channel, open, onOpen }: RowProps) {
  const test = useTestChannel();
  return (
    <tr data-open={open} data-rest={!channel.is_active}>
      <th scope="row">
        <button type="button" className={styles.open} aria-expanded={open} onClick={onOpen}>
          {channel.name}
        </button>
        {channel.is_active ? null : <span className={styles.faint}> (off)</span>}
      </th>
      <td className={styles.lesser}>{channel.kind === "email" ? "E-mail" : "Webhook"}</td>
      <td className={styles.where}>{channel.kind === "email" ? channel.address : channel.url}</td>
      <td>
        <LastDelivery channel={channel} />
        {test.error ? (
          <span role="alert" className={styles.bad}>
            {" "}
            {test.error.message}
          </span>
        ) : null}
      </td>
      <td>
        <Button
          variant="default"
          aria-label={`Test ${channel.name}`}
          loading={test.isPending}
          onClick={() => test.mutate(channel.id)}
        >
          Test
        </Button>
      </td>
    </tr>
  );
}

function LastDelivery({ channel: { last_delivery: last } }: { readonly channel: AlertChannel }) {
  if (last === null) return <span className={styles.faint}>none yet</span>;
  return (
    <span className={last.status === "gave_up" || last.error !== "" ? styles.bad : undefined}>
      {deliveryWords(last)}, <Ago at={last.delivered_at ?? last.created_at} />
    </span>
  );
}
