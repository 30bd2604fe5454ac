import { decide } from "./decide.js";

export default {
  async fetch(_request, env) {
    return Response.json(await decide(env.BASE, env.USERS));
  },
};
