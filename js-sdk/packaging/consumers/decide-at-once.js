import { createLotwiseSync } from "lotwise/inline";

/** The same from a snapshot at hand, without waiting for anything else. */
export async function decide(base, users) {
  const pointer = await (await fetch(`${base}/prod/client/version.json`)).json();
  const response = await fetch(`${base}/prod/client/${pointer.binary.path}`);
  const snapshot = new Uint8Array(await response.arrayBuffer());
  const answers = [];
  const errors = new Set();
  for (const user of users) {
    const onError = (error) => errors.add(`${error.code}: ${error.message}`);
    const lotwise = createLotwiseSync({ snapshot, eventsUrl: null, ...user, onError });
    const { variant, payload, reason } = lotwise.variant("checkout-button-color", {
      fallback: { color: "fallback" },
    });
    const explanation = await lotwise.explain("checkout-button-color");
    answers.push({ variant, payload, reason, explained: explanation?.reason ?? null });
    await lotwise.close();
  }
  return { answers, errors: [...errors] };
}
