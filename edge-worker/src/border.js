// The border between the host and WebAssembly on the path of a request: one call in, one call out,
// since each crossing costs more than what it carries.

const MAX_DRAINED_BYTES = 16 << 20;

/**
 * Method, URL and the headers that matter, a line each; none of them can hold a line break. Each header
 * that is read costs microseconds, so some are read only where the Worker's settings want them.
 */
export function describe(request, wantsOrigin, wantsCookie, wantsClient) {
	const read = (name) => request.headers.get(name) ?? "";
	const { method } = request;
	return [
		method,
		request.url,
		read("authorization"),
		read("x-api-key"),
		read("if-none-match"),
		read("x-request-id"),
		method === "POST" ? read("content-type") : "",
		wantsOrigin ? read("origin") : "",
		// Several headers of a name come joined by commas, as is right for all but cookies.
		wantsCookie ? read("cookie").replaceAll(", ", "; ") : "",
		wantsClient ? read("cf-connecting-ip") : "",
	].join("\n");
}

/** The body of a request or response; null when it has more bytes than `limit`. */
export async function read(message, limit) {
	const length = message.headers.get("content-length");
	if (Number(length) > limit) {
		if (message instanceof Request) await drain(message.body);
		return null;
	}
	// What is not packed has the length that it says: taken at once, as each chunk costs a turn of the loop.
	if (length !== null && !message.headers.has("content-encoding")) {
		return new Uint8Array(await message.arrayBuffer());
	}
	const chunks = [];
	let size = 0;
	for await (const chunk of message.body ?? []) {
		size += chunk.byteLength;
		if (size > limit) return null;
		chunks.push(chunk);
	}
	const body = new Uint8Array(size);
	let end = 0;
	for (const chunk of chunks) {
		body.set(chunk, end);
		end += chunk.byteLength;
	}
	return body;
}

/** Takes in what nobody wants: a caller who cannot send all of it does not hear the answer. */
async function drain(body) {
	let size = 0;
	for await (const chunk of body ?? []) {
		size += chunk.byteLength;
		if (size > MAX_DRAINED_BYTES) return;
	}
}

/** SHA-256, in the host's own code. */
export async function digest(bytes) {
	return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** A response; `headers` has names and values in turn, a line each. */
export function respond(status, headers, body) {
	const lines = headers.split("\n");
	// A plain object, which the runtime reads in half the time of anything else. No name stands twice.
	const fields = {};
	for (let line = 0; line + 1 < lines.length; line += 2) fields[lines[line]] = lines[line + 1];
	// Copied, as the view ends with the call. These statuses allow no body, not even an empty one.
	return new Response(status === 204 || status === 304 ? null : body.slice(), { status, headers: fields });
}
