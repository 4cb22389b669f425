import { Anchor, Checkbox } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { ErrorNotice } from "@/components/feedback";
import type { NotificationChannel } from "@/lib/account";
import { useMe, useSavePreferences } from "@/lib/queries";

import { CHANNEL_MEANS } from "../words";
import { Saved } from "./Saved";
import styles from "./settings.module.css";

const CHANNELS: readonly NotificationChannel[] = ["in_app", "email", "webhook"];

/** Where alerts go unless a rule says otherwise; rules and addresses have their own pages. */
export function NotificationsSection() {
  const { notification_channels: kept } = useMe().preferences;
  const save = useSavePreferences();
  const [wanted, setWanted] = useState<NotificationChannel[] | null>(null);
  const chosen = wanted ?? kept;
  const toggle = (channel: NotificationChannel, on: boolean) => {
    const next = CHANNELS.filter((each) => (each === channel ? on : chosen.includes(each)));
    setWanted(next);
    save.mutate({ notification_channels: next }, { onSettled: () => setWanted(null) });
  };
  return (
    <div className={styles.block}>
      <h2>Notifications</h2>
      <p className={styles.lead}>
        How you hear of jobs that end, discoveries, and data that grow old. What counts as news is said by your{" "}
        <Anchor component={Link} to="/alerts?view=rules" inherit underline="always">
          alert rules
        </Anchor>
        ; addresses stand under{" "}
        <Anchor component={Link} to="/alerts?view=channels" inherit underline="always">
          channels
        </Anchor>
        .
      </p>
      <div className={styles.narrow} role="group" aria-label="Ways to be told">
        {CHANNELS.map((channel) => (
          <Checkbox
            key={channel}
            label={CHANNEL_MEANS[channel].label}
            description={CHANNEL_MEANS[channel].about}
            checked={chosen.includes(channel)}
            onChange={(event) => toggle(channel, event.currentTarget.checked)}
          />
        ))}
      </div>
      {save.error ? <ErrorNotice error={save.error} what="The choice was not kept" /> : null}
      <Saved shown={save.isSuccess} />
    </div>
  );
}
