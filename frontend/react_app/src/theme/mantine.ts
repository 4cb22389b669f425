import {
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type VariantColorsResolver,
} from "@mantine/core";

import { accents, fonts, greys, schemes, sizes, type Tokens } from "./tokens";

/** Filled buttons take their colours from the tokens: the library's own pairing is too pale on dark. */
const variantColorResolver: VariantColorsResolver = (input) => {
  if (input.variant !== "filled") return defaultVariantColorsResolver(input);
  return {
    background: "var(--titan-accent)",
    hover: "var(--titan-accent-hover)",
    color: "var(--titan-accent-text)",
    border: "1px solid transparent",
  };
};

/** Fields stand on the surface, with a border one can see. */
const field = { wrapper: { "--input-bg": "var(--titan-surface)", "--input-bd": "var(--titan-control)" } };

/** What opens over a page casts no shadow; its edge is what sets it apart. */
const edge = { borderColor: "var(--titan-control)" };

export const theme = createTheme({
  fontFamily: fonts.text,
  fontFamilyMonospace: fonts.mono,
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "18px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "2px", sm: "3px", md: "3px", lg: "4px", xl: "4px" },
  defaultRadius: "sm",
  colors: { accent: [...accents], gray: [...greys.light], dark: [...greys.dark] },
  variantColorResolver,
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  focusRing: "auto",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Input: { vars: () => field },
    InputWrapper: {
      vars: () => ({
        label: { "--input-label-size": "13px", "--input-asterisk-color": "var(--titan-danger)" },
        error: { "--input-error-size": "12px" },
        description: { "--input-description-size": "12px" },
      }),
    },
    // The library's compact buttons are 22 px high.
    Button: { defaultProps: { size: "xs" }, styles: { root: { minHeight: sizes.target }, label: { fontWeight: 500 } } },
    TextInput: { defaultProps: { size: "xs" } },
    PasswordInput: { defaultProps: { size: "xs" } },
    NumberInput: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs", comboboxProps: { shadow: "none" } } },
    NativeSelect: { defaultProps: { size: "xs" } },
    Checkbox: { defaultProps: { size: "xs" } },
    Switch: { defaultProps: { size: "xs" } },
    SegmentedControl: { defaultProps: { size: "xs" } },
    Modal: {
      defaultProps: { shadow: "none", overlayProps: { backgroundOpacity: 0.35 } },
      styles: {
        content: { boxShadow: "none", border: "1px solid var(--titan-control)" },
        title: { fontSize: 15, fontWeight: 600 },
      },
    },
    Menu: { defaultProps: { shadow: "none" }, styles: { dropdown: edge } },
    Popover: { defaultProps: { shadow: "none" }, styles: { dropdown: edge } },
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
    "--mantine-color-default-border": tokens.button,
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
    "--titan-accent-hover": tokens.accentHover,
    "--titan-accent-text": tokens.accentText,
    "--titan-focus": tokens.focus,
    "--titan-positive": tokens.positive,
    "--titan-negative": tokens.negative,
    "--titan-warning": tokens.warning,
    "--titan-warning-surface": tokens.warningSurface,
    "--titan-danger": tokens.danger,
    "--titan-danger-surface": tokens.dangerSurface,
    "--titan-sparkline": tokens.chart.sparkline,
    "--titan-coverage": tokens.chart.coverage,
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
