// What components share.
import { useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import type { Told } from "./clock";

/** Draws anew when something changes; with every frame of what plays only where that is asked. */
export function useTold(of: Told, toFrames: boolean): void {
  const [, again] = useReducer((n: number) => n + 1, 0);
  // At once: what changes before the first picture is seen must not be missed.
  useLayoutEffect(() => of.listen(() => again(undefined as never), toFrames), [of, toFrames]);
}

/** The size of an element, as it changes. */
export function useSize<T extends Element>(): [
  ref: { current: T | null },
  width: number,
  height: number,
] {
  const ref = useRef<T>(null);
  const [size, setSize] = useState<[number, number]>([0, 0]);
  useLayoutEffect(() => {
    if (!ref.current) return;
    const watch = new ResizeObserver(([entry]) => {
      const box = entry?.contentRect;
      if (box) setSize([Math.floor(box.width), Math.floor(box.height)]);
    });
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, []);
  return [ref, ...size];
}
