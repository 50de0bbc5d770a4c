declare module "virtual:engine" {
  /** The engine: WebAssembly, packed with gzip, in Base64. */
  const packed: string;
  export default packed;
}
declare module "virtual:looks" {
  /** How spsim's charts tell lines apart: dashes, and a width in pixels. */
  const looks: [dash: string, width: number][];
  export default looks;
}
declare module "virtual:theme.css";
