// What is decided: the walkthrough's experiment on a real server, and what that server says of a few users.

const api = process.env.LOTWISE_API_URL;

const USERS = [
  { userKey: "user-123", context: { country: "US", plan: "pro" } },
  { userKey: "user-123", context: {} },
  { userKey: "user-7", context: { country: "CA", plan: "pro" } },
  { userKey: "user-8", context: { country: "NZ", plan: "pro" } },
  { userKey: "日本-1", context: { country: "US", plan: "pro" } },
  {
    userKey: "someone@staff.example",
    context: { country: "US", plan: "free", email: "someone@staff.example" },
  },
];

/** Publishes the experiment, and returns the users and what each of them is to get. */
export async function stage() {
  await post("/environments", { name: "prod" });
  const condition = (attribute, operator, value) => ({ attribute, operator, value });
  await post("/experiments", {
    key: "checkout-button-color",
    environment: "prod",
    clientSide: true,
    variants: [
      { key: "control", payload: { color: "#0066cc" }, weight: 50 },
      { key: "treatment", payload: { color: "#00cc66" }, weight: 50 },
    ],
    targetingRules: [
      { conditions: [condition("country", "in", ["US", "CA"]), condition("plan", "eq", "pro")] },
    ],
    rules: [{ conditions: [condition("email", "endsWith", "@staff.example")], variant: "treatment" }],
  });
  await post("/experiments/prod:checkout-button-color/start", {});
  await post("/environments/prod/publish", {});
  return { users: USERS, expected: await Promise.all(USERS.map(decided)) };
}

async function decided({ userKey, context }) {
  const query = new URLSearchParams({ user_key: userKey, env: "prod", context: JSON.stringify(context) });
  const { assignments } = await ask(`/decide?${query}`);
  const [assignment] = assignments;
  return { variant: assignment?.variant_key ?? null, payload: assignment?.payload ?? { color: "fallback" } };
}

function post(path, body) {
  const headers = { "content-type": "application/json" };
  return ask(path, { method: "POST", headers, body: JSON.stringify(body) });
}

async function ask(path, request) {
  const response = await fetch(api + path, request);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
