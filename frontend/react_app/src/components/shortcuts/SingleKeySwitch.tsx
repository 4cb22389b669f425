import { Switch } from "@mantine/core";

import { useMe, useSavePreferences } from "@/lib/queries";

import { ErrorNotice } from "../feedback";

/** Turns off the keys that act alone, for whoever speaks to the computer or presses keys by accident. */
export function SingleKeySwitch() {
  const { single_key_shortcuts: on } = useMe().preferences;
  const save = useSavePreferences();
  return (
    <>
      <Switch
        checked={on}
        onChange={(event) => save.mutate({ single_key_shortcuts: event.currentTarget.checked })}
        label="Single keys act"
        description="Turn this off if you speak to your computer, or press keys by accident."
        mt="sm"
      />
      {save.error ? <ErrorNotice error={save.error} what="The choice was not kept" /> : null}
    </>
  );
}
