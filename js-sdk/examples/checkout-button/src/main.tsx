import { createLotwise } from "lotwise";
import { LotwiseProvider } from "lotwise/react";
import { StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { CheckoutButton } from "./CheckoutButton";

const parameters = new URLSearchParams(location.search);

// Once for the page, and outside of rendering: the provider waits for it.
const lotwise = createLotwise({
  snapshotUrl: import.meta.env.VITE_LOTWISE_URL ?? "http://localhost:8787/prod/client",
  userKey: parameters.get("user") ?? "user-123",
  context: { country: parameters.get("country") ?? "US", plan: parameters.get("plan") ?? "pro" },
  forced: true,
  // A publish shows within seconds, which suits a demonstration.
  pollInterval: 2000,
});

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Suspense fallback={<p>One moment…</p>}>
      <LotwiseProvider client={lotwise}>
        <CheckoutButton />
      </LotwiseProvider>
    </Suspense>
  </StrictMode>,
);
