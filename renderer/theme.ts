// Mantine's theme: sizes and the one accent. Grounds, lines and state colours are in `styles.css`, since Mantine has no
// names for them.
import { Button, type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const COPPER: MantineColorsTuple = [
  '#fdf3ec',
  '#f8e3d5',
  '#f0c6aa',
  '#eaa77c',
  '#e58a4e',
  '#d6773a',
  '#b0561f',
  '#9a4a19',
  '#7f3d15',
  '#66310f',
];

const RED: MantineColorsTuple = [
  '#fceeed',
  '#f8dad8',
  '#f0b5b1',
  '#e88f89',
  '#e06a64',
  '#d4534f',
  '#c53d3d',
  '#ab3232',
  '#8c2929',
  '#6f2020',
];

const SMALL_CONTROL = { '--input-height': '32px', '--input-fz': '13px', '--input-padding': '10px' };

const USUAL_BUTTON = { '--button-height': '32px', '--button-fz': '13px', '--button-padding-x': '12px' };

/** The look of every Mantine control. */
export const theme = createTheme({
  fontFamily: "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', 'Helvetica Neue', sans-serif",
  fontFamilyMonospace:
    "ui-monospace, 'SF Mono', 'Cascadia Mono', 'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '15px', xl: '20px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.4' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
  defaultRadius: 'md',
  colors: { copper: COPPER, red: RED },
  primaryColor: 'copper',
  primaryShade: { light: 6, dark: 4 },
  autoContrast: true,
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Input: { vars: () => ({ wrapper: SMALL_CONTROL }) },
    Button: Button.extend({
      defaultProps: { size: 'xs' },
      vars: (_theme, properties) => ({
        root: {
          ...(properties.size === 'xs' ? USUAL_BUTTON : {}),
          // Mantine picks one colour for both schemes; ours needs dark words on the light copper of the dark scheme.
          ...(properties.variant === undefined && properties.color === undefined
            ? { '--button-color': 'var(--on-accent)' }
            : {}),
        },
      }),
      styles: { label: { fontWeight: 500 } },
    }),
    InputWrapper: {
      defaultProps: { size: 'sm' },
      vars: () => ({
        label: { '--input-label-size': '13px' },
        description: { '--input-description-size': '12px' },
        error: { '--input-error-size': '12px' },
      }),
      styles: { label: { marginBottom: 4 }, description: { lineHeight: 1.45 } },
    },
    SegmentedControl: { defaultProps: { size: 'sm', withItemsBorders: false }, styles: { label: { fontSize: 13 } } },
    Switch: { defaultProps: { withThumbIndicator: false } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false, fz: 12, multiline: true, maw: 320 } },
    Modal: {
      defaultProps: {
        centered: true,
        transitionProps: { duration: 140, transition: 'fade' },
        radius: 'lg',
        overlayProps: { backgroundOpacity: 0.3 },
      },
    },
    Drawer: { defaultProps: { transitionProps: { duration: 160 } } },
    Menu: { defaultProps: { transitionProps: { duration: 120 }, shadow: 'md' } },
    Select: { defaultProps: { comboboxProps: { shadow: 'md', transitionProps: { duration: 120 } } } },
  },
});

const SHARED_VARIABLES = {
  '--mantine-color-body': 'var(--ground)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-quiet)',
  '--mantine-color-placeholder': 'var(--ink-faint)',
  '--mantine-color-default': 'var(--control)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-error': 'var(--red-ink)',
  '--mantine-color-anchor': 'var(--accent-ink)',
  '--mantine-color-copper-light': 'var(--accent-wash)',
  '--mantine-color-copper-light-hover': 'var(--accent-wash-strong)',
  '--mantine-color-copper-light-color': 'var(--accent-ink)',
  '--mantine-color-gray-light-color': 'var(--ink-quiet)',
  '--mantine-color-gray-light-hover': 'var(--hover)',
  '--mantine-color-gray-1': 'var(--sunken)',
  '--mantine-color-dark-8': 'var(--sunken)',
  '--mantine-color-dark-6': 'var(--panel)',
  '--mantine-color-dark-5': 'var(--raised)',
  '--mantine-color-dark-4': 'var(--line-strong)',
  '--mantine-color-red-filled': 'var(--red-fill)',
  '--mantine-color-red-filled-hover': 'var(--red-fill)',
};

/** Points Mantine's own names at the tokens of `styles.css`. */
export const resolveVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: SHARED_VARIABLES,
  dark: SHARED_VARIABLES,
});
