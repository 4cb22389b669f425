import { Menu, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { session } from "@/lib/api";
import { EXCHANGE_ZONE, localZone } from "@/lib/displayZone";
import { useMe, useSavePreferences } from "@/lib/queries";

import styles from "./shell.module.css";

const THEMES: readonly { value: MantineColorScheme; label: string }[] = [
  { value: "auto", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

/** The three clocks people ask about, and the one chosen in the settings if it is another. */
export function zoneChoices(chosen: string, local: string): { value: string; label: string }[] {
  const usual = [
    { value: "UTC", label: "UTC" },
    { value: EXCHANGE_ZONE, label: "Exchange (New York)" },
  ];
  const others = [...new Set([local, chosen])].filter((zone) => usual.every(({ value }) => value !== zone));
  return [...usual, ...others.map((zone) => ({ value: zone, label: zone === local ? `Local (${zone})` : zone }))];
}

/** Who is logged in, the theme, the clock, the keys, and the way out. */
export function AccountMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const me = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  // The choice holds at once on this machine; the account remembers it for the next.
  const remember = useSavePreferences();
  const choose = (value: string) => {
    const scheme = THEMES.find((each) => each.value === value)?.value ?? "auto";
    setColorScheme(scheme);
    remember.mutate({ theme: scheme === "auto" ? "system" : scheme });
  };
  return (
    <Menu position="bottom-end" width={232}>
      <Menu.Target>
        <button type="button" className={styles.quietButton} aria-label={`Account of ${me.username}`}>
          {me.username}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.roles.length > 0 ? `Role: ${me.roles.join(", ")}` : "No role"}</Menu.Label>
        <Menu.Item component={Link} to="/settings/profile">
          Settings
        </Menu.Item>
        <Menu.Item component={Link} to="/shares">
          Shared links
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Theme</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={choose}>
          {THEMES.map(({ value, label }) => (
            <Menu.RadioItem key={value} value={value}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Label>Times in</Menu.Label>
        <Menu.RadioGroup value={me.preferences.timezone} onChange={(timezone) => remember.mutate({ timezone })}>
          {zoneChoices(me.preferences.timezone, localZone()).map(({ value, label }) => (
            <Menu.RadioItem key={value} value={value}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item rightSection={<kbd>?</kbd>} onClick={onShortcuts}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Item component="a" href="/api/docs/" target="_blank" rel="noreferrer">
          API documentation
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => void session.logout()}>Log out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
