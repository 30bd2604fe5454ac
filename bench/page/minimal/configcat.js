import { getClient, PollingMode, User } from "configcat-js";

const client = getClient(
  "configcat-sdk-1/1234567890123456789012/1234567890123456789012",
  PollingMode.AutoPoll,
);
const user = new User("user-123", undefined, undefined, { country: "US", plan: "pro" });
document.body.dataset.variant = await client.getValueAsync("checkout-button-color", "", user);
