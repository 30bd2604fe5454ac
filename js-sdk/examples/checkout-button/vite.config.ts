import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // Its WebAssembly lies beside its JavaScript: the development server must leave both where they are.
  optimizeDeps: { exclude: ["lotwise"] },
});
