import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

import { fonts, schemes, sizes, type Tokens } from "./tokens";

const accent: MantineColorsTuple = [
  "#e9f5f3",
  "#d3eae6",
  "#a6d5cd",
  "#7fc9be",
  schemes.dark.accent,
  "#35a093",
  "#178779",
  schemes.light.accent,
  "#085850",
  "#05443e",
];

export const theme = createTheme({
  fontFamily: fonts.text,
  fontFamilyMonospace: fonts.mono,
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "18px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "2px", sm: "3px", md: "3px", lg: "4px", xl: "4px" },
  defaultRadius: "sm",
  colors: { accent },
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  focusRing: "auto",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "xs" } },
    TextInput: { defaultProps: { size: "xs" } },
    PasswordInput: { defaultProps: { size: "xs" } },
    NumberInput: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs", comboboxProps: { shadow: "none" } } },
    NativeSelect: { defaultProps: { size: "xs" } },
    Checkbox: { defaultProps: { size: "xs" } },
    Switch: { defaultProps: { size: "xs" } },
    SegmentedControl: { defaultProps: { size: "xs" } },
    Modal: { defaultProps: { shadow: "none", overlayProps: { backgroundOpacity: 0.35 } } },
    Menu: { defaultProps: { shadow: "none" } },
    Popover: { defaultProps: { shadow: "none" } },
    Tooltip: { defaultProps: { openDelay: 300, withinPortal: true } },
  },
});

function variables(tokens: Tokens): Record<string, string> {
  return {
    "--mantine-color-body": tokens.page,
    "--mantine-color-text": tokens.text,
    "--mantine-color-dimmed": tokens.muted,
    "--mantine-color-placeholder": tokens.muted,
    "--mantine-color-anchor": tokens.accent,
    "--mantine-color-error": tokens.danger,
    "--mantine-color-default": tokens.surface,
    "--mantine-color-default-hover": tokens.hover,
    "--mantine-color-default-color": tokens.text,
    "--mantine-color-default-border": tokens.control,
    "--titan-page": tokens.page,
    "--titan-surface": tokens.surface,
    "--titan-sunken": tokens.sunken,
    "--titan-hover": tokens.hover,
    "--titan-selected": tokens.selected,
    "--titan-line": tokens.line,
    "--titan-control": tokens.control,
    "--titan-text": tokens.text,
    "--titan-muted": tokens.muted,
    "--titan-accent": tokens.accent,
    "--titan-accent-text": tokens.accentText,
    "--titan-focus": tokens.focus,
    "--titan-positive": tokens.positive,
    "--titan-negative": tokens.negative,
    "--titan-warning": tokens.warning,
    "--titan-warning-surface": tokens.warningSurface,
    "--titan-danger": tokens.danger,
    "--titan-danger-surface": tokens.dangerSurface,
    "--titan-sparkline": tokens.chart.sparkline,
  };
}

/** Every token as a CSS variable `--titan-…`, for styles; canvases use `useTokens`. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {
    "--titan-row": `${sizes.rowHeight}px`,
    "--titan-header": `${sizes.headerHeight}px`,
    "--titan-nav": `${sizes.navWidth}px`,
    "--titan-target": `${sizes.target}px`,
    "--titan-dense": `${sizes.dense}px`,
    "--titan-small": `${sizes.small}px`,
    "--titan-heading": `${sizes.heading}px`,
  },
  light: variables(schemes.light),
  dark: variables(schemes.dark),
});
