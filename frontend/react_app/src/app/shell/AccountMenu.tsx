import { Menu, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";

import { authMeUpdate, session } from "@/lib/api";
import { useMe } from "@/lib/queries";

import styles from "./shell.module.css";

const THEMES: readonly { value: MantineColorScheme; label: string }[] = [
  { value: "auto", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

/** Who is logged in, the theme, the keys, and the way out. */
export function AccountMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const me = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  // The choice holds at once on this machine; the account remembers it for the next.
  const remember = useMutation({
    mutationFn: (scheme: MantineColorScheme) =>
      authMeUpdate({ body: { preferences: { theme: scheme === "auto" ? "system" : scheme } } }),
  });
  const choose = (value: string) => {
    const scheme = THEMES.find((each) => each.value === value)?.value ?? "auto";
    setColorScheme(scheme);
    remember.mutate(scheme);
  };
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <button type="button" className={styles.quietButton} aria-label={`Account of ${me.username}`}>
          {me.username}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.roles.length > 0 ? `Role: ${me.roles.join(", ")}` : "No role"}</Menu.Label>
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
