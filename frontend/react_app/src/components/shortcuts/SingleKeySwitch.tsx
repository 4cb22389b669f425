import { Switch } from "@mantine/core";
import { useState } from "react";

import { useMe, useSavePreferences } from "@/lib/queries";

import { ErrorNotice } from "../feedback";

/** Turns off the keys that act alone, for whoever speaks to the computer or presses keys by accident. */
export function SingleKeySwitch() {
  const { single_key_shortcuts: on } = useMe().preferences;
  const save = useSavePreferences();
  // Moves under the finger; the account's answer comes a moment later.
  const [wanted, setWanted] = useState<boolean | null>(null);
  const change = (next: boolean) => {
    setWanted(next);
    save.mutate({ single_key_shortcuts: next }, { onSettled: () => setWanted(null) });
  };
  return (
    <>
      <Switch
        checked={wanted ?? on}
        onChange={(event) => change(event.currentTarget.checked)}
        label="Single keys act"
        description="Turn this off if you speak to your computer, or press keys by accident."
        mt="sm"
      />
      {save.error ? <ErrorNotice error={save.error} what="The choice was not kept" /> : null}
    </>
  );
}
