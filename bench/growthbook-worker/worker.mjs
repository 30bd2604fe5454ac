// What `/decide` of the Worker does, as somebody would write it over a JavaScript SDK: every experiment
// for one user, from a configuration that is fetched once.

import { GrowthBookClient } from "@growthbook/growthbook";

let held;

async function hold(env) {
  const answer = await fetch(`${env.CONFIG_BASE_URL}/growthbook.json`);
  const payload = await answer.json();
  const client = new GrowthBookClient().initSync({ payload });
  return { client, keys: Object.keys(payload.features) };
}

export default {
  async fetch(request, env) {
    held ??= await hold(env);
    const query = new URL(request.url).searchParams;
    const userKey = query.get("user_key");
    const attributes = { ...JSON.parse(query.get("context")), id: userKey };
    const user = held.client.createScopedInstance({ attributes });
    const assignments = [];
    for (const key of held.keys) {
      const { value } = user.evalFeature(key);
      if (value) assignments.push({ experiment_key: key, ...value });
    }
    const body = { user_key: userKey, environment: query.get("env"), config_version: 1, assignments };
    return new Response(JSON.stringify(body), {
      headers: { "content-type": "application/json", "cache-control": "private, no-cache" },
    });
  },
};
