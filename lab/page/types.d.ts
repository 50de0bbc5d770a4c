declare module "virtual:engine" {
  /** The engine: WebAssembly, packed with gzip, in Base64. */
  const packed: string;
  export default packed;
}
