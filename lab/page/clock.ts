// The simulated time that is shown, and its playing.

/** Something that changes, and tells whoever shows it. */
export class Told {
  /** Who listens, and whether to every frame while something plays. */
  private readonly listeners = new Map<(isFrame: boolean) => void, boolean>();

  /** Ends by calling what it gives. */
  listen(listener: (isFrame: boolean) => void, toFrames: boolean): () => void {
    this.listeners.set(listener, toFrames);
    return () => this.listeners.delete(listener);
  }

  tell(isFrame = false): void {
    for (const [listener, toFrames] of this.listeners) if (toFrames || !isFrame) listener(isFrame);
  }
}

/** Milliseconds between the pictures of a run for whoever wants no motion. */
const STILLS = 500;

export class Clock extends Told {
  /** Seconds of simulated time. */
  t = 0;
  duration = 1;
  /** Simulated seconds a second. */
  speed = 1;
  playing = false;
  readonly still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  private isPreview = false;
  private raf = 0;

  seek(t: number, isFrame = false): void {
    this.t = Math.max(0, Math.min(this.duration, t));
    this.isPreview = false;
    this.tell(isFrame);
  }

  /** Shows a moment that nobody has asked for: playing begins at the start. */
  preview(t: number): void {
    this.seek(t);
    this.isPreview = true;
  }

  /** Where somebody points to: whole milliseconds, and playing ends. */
  point(t: number): void {
    this.pause();
    this.seek(t >= this.duration ? t : Math.round(t * 1000) / 1000);
  }

  play(): void {
    if (this.playing) return;
    if (this.t >= this.duration || this.isPreview) this.seek(0);
    this.playing = true;
    let shown = performance.now();
    const frame = (now: number): void => {
      if (!this.playing) return;
      const passed = now - shown;
      if (!this.still || passed >= STILLS) {
        shown = now;
        const most = this.still ? 2 * STILLS : 100;
        this.seek(this.t + (Math.min(most, passed) / 1000) * this.speed, true);
      }
      if (this.t >= this.duration) this.pause();
      else this.raf = requestAnimationFrame(frame);
    };
    this.raf = requestAnimationFrame(frame);
    this.tell();
  }

  pause(): void {
    cancelAnimationFrame(this.raf);
    if (!this.playing) return;
    this.playing = false;
    this.tell();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }
}
