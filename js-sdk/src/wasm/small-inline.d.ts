/** The small build's module, base64. */
declare const wasm: string;
export default wasm;
