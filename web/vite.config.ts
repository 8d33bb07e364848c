import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** `vite` alone serves the page with live reload and hands the API's calls to a server on its usual port. */
export default defineConfig({
  plugins: [react()],
  build: { target: "es2023", sourcemap: false, chunkSizeWarningLimit: 700 },
  server: { proxy: { "/api": "http://127.0.0.1:7070" } },
});
