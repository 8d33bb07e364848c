import "@fontsource-variable/inter/wght.css";
import "./mantine.css";
import "./tokens.css";
import { Button, createTheme, MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./api/client.ts";
import { LiveProvider } from "./api/live.tsx";
import { reloadOnMissingPart } from "./frame/missingParts.ts";
import { router } from "./router.tsx";

const theme = createTheme({
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: "var(--mono)",
  primaryColor: "sluice",
  primaryShade: { light: 8, dark: 3 },
  autoContrast: true,
  defaultRadius: 8,
  fontSizes: { xs: "12px", sm: "13px", md: "13.5px", lg: "15px", xl: "18px" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: Button.extend({
      // Filled buttons take their colours from our tokens, which keep their contrast in both themes.
      vars: (_theme, { variant = "filled", color, disabled }) => ({
        root:
          variant === "filled" && disabled !== true
            ? {
                "--button-bg": color === "red" ? "var(--failed)" : "var(--accent)",
                "--button-hover": `color-mix(in srgb, ${color === "red" ? "var(--failed)" : "var(--accent)"} 88%, var(--text))`,
                "--button-color": color === "red" ? "var(--surface)" : "var(--on-accent)",
              }
            : {},
      }),
    }),
  },
  colors: {
    dark: [
      "#e7ecf2",
      "#c3ccd6",
      "#9aa8b8",
      "#6b7b8d",
      "#33414f",
      "#273342",
      "#1b2430",
      "#151c25",
      "#0e1319",
      "#0a0e13",
    ],
    sluice: [
      "#e3f4f6",
      "#c5e9ee",
      "#8fd8e2",
      "#3bc9db",
      "#22b1c4",
      "#159bae",
      "#0f8698",
      "#0c7a8c",
      "#0b7285",
      "#095c6b",
    ],
  },
});
const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: true,
      retry: (count, error) => error instanceof ApiError && error.status === 0 && count < 3,
    },
  },
});

reloadOnMissingPart(window);
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <LiveProvider>
          <RouterProvider router={router} />
        </LiveProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
