/** What a Worker's bundler makes of an imported module. */
declare module "*.wasm" {
  const wasm: WebAssembly.Module;
  export default wasm;
}
