import { createLotwise, type Decision, type Lotwise } from "lotwise";
import { createLotwiseSync } from "lotwise/inline";

declare module "lotwise" {
  interface Experiments {
    "checkout-button-color": { variant: "control" | "treatment"; payload: { color: string } };
  }
}

export async function colour(): Promise<string> {
  const lotwise: Lotwise = await createLotwise({
    snapshotUrl: "https://edge.example.com/prod/client",
    userKey: "u",
  });
  const decision = lotwise.variant("checkout-button-color", { fallback: { color: "#0066cc" } });
  const typed: Decision<{ color: string }, "control" | "treatment"> = decision;
  // @ts-expect-error: no such variant was generated.
  const wrong = decision.variant === "treatmnet";
  const unknown = lotwise.variant("some-other-key", { fallback: { size: 1 } });
  const size: number = unknown.payload.size;
  // @ts-expect-error: no such option.
  createLotwiseSync({ snapshotURL: "" });
  return wrong ? `${size}` : typed.payload.color;
}
