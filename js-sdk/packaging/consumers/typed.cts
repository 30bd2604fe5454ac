import lotwise = require("lotwise");

export async function variant(): Promise<string | null> {
  const client: lotwise.Lotwise = await lotwise.createLotwise({ userKey: "u", mode: "remote" });
  return client.variant("checkout-button-color").variant;
}
