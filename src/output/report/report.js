"use strict";
// The report's script: one clock for each scenario. The charts' cursor, the port map and the
// table of the moment show what it says. Everything else on the page works without it.
(() => {
  const all = JSON.parse(document.getElementById("data").textContent);
  const seconds = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
  const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
  // Columns of the table of the moment, by the names of ports.csv.
  const MOMENT = ["ports_in_use", "connecting", "busy", "idle", "close_wait", "time_wait",
    "groups", "queued", "requests", "failed", "opened"];

  // 98.4 s as the findings say it: 1 min 38 s.
  function spoken(time) {
    if (time < 60) return `${seconds.format(time)} s`;
    const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
    const first = units.findIndex(([length]) => time >= length);
    const [long, longName] = units[first];
    const [short, shortName] = units[first + 1];
    const large = Math.floor(time / long);
    const small = Math.round((time - large * long) / short * 10) / 10;
    return small ? `${large} ${longName} ${small} ${shortName}` : `${large} ${longName}`;
  }

  // The index of the last instant that is not after `time`.
  function indexAt(times, time) {
    let low = 0;
    let high = times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      // The instants are nanoseconds as decimals: equal ones may differ in the last digit.
      if (times[middle] <= time + 1e-9) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  // Every frame of a map, as one byte a cell.
  function decode(map, one) {
    const cells = Math.ceil(one.ports / one.per);
    const frame = new Uint8Array(cells);
    return one.frames.map((changes) => {
      let at = 0;
      for (const [, gap, letter, length] of changes.matchAll(/([0-9a-z]*)([A-Z])([0-9a-z]*)/g)) {
        at += gap ? parseInt(gap, 36) : 0;
        const end = at + (length ? parseInt(length, 36) : 1);
        frame.fill(map.letters.indexOf(letter), at, end);
        at = end;
      }
      return frame.slice();
    });
  }

  class Section {
    constructor(element, data) {
      this.element = element;
      this.data = data;
      this.index = 0;
      this.playing = null;
      this.slider = element.querySelector(".time");
      this.playButton = element.querySelector(".play");
      this.speed = element.querySelector(".speed");
      this.spoken = document.createElement("p");
      this.spoken.className = "quietly";
      this.spoken.setAttribute("aria-live", "polite");
      element.querySelector(".clock").append(this.spoken);
      this.setUpClock();
      this.setUpToggles();
      this.setUpCharts();
      this.maps = data.map ? this.setUpMaps() : [];
      element.querySelector(".clock").hidden = false;
      element.querySelector(".moment").hidden = false;
      this.show(0);
      this.follow(location.hash);
      this.isSetUp = true;
    }

    setUpClock() {
      const { slider } = this;
      slider.max = String(this.data.times.length - 1);
      slider.addEventListener("input", () => { this.pause(); this.show(Number(slider.value)); });
      slider.addEventListener("change", () => this.announce());
      this.playButton.addEventListener("click", () => (this.playing ? this.pause() : this.play()));
      for (const jump of this.element.querySelectorAll(".jump")) {
        jump.addEventListener("click", () => {
          this.pause();
          this.show(indexAt(this.data.times, Number(jump.dataset.seconds)));
          this.announce();
        });
      }
    }

    setUpToggles() {
      const toggles = document.createElement("fieldset");
      toggles.className = "toggles";
      const legend = document.createElement("legend");
      legend.textContent = "Strategies";
      toggles.append(legend);
      const boxes = [];
      this.data.strategies.forEach((strategy, index) => {
        const label = document.createElement("label");
        const box = document.createElement("input");
        box.type = "checkbox";
        box.checked = true;
        box.addEventListener("change", () => {
          for (const part of this.element.querySelectorAll(`[data-strategy="${index}"]`)) {
            part.classList.toggle("off", !box.checked);
          }
          this.rescale(boxes);
        });
        boxes.push(box);
        label.append(box, ` ${strategy.name}`);
        toggles.append(label);
      });
      this.element.querySelector(".clock").append(toggles);
    }

    // Where strategies are left out, the axis of ports ends where the others do.
    rescale(boxes) {
      const figure = this.element.querySelector(".lines");
      figure.querySelector(".rescaled")?.remove();
      this.charts = this.charts.filter(({ svg }) => !svg.classList.contains("rescaled"));
      const shown = boxes.flatMap((box, index) => (box.checked ? [index] : []));
      const some = shown.length > 0 && shown.length < boxes.length;
      figure.classList.toggle("is-rescaled", some);
      if (!some) return;
      const [left, right, top, bottom] = [64, 712, 14, 250];
      const { times, duration } = this.data;
      const most = Math.max(1, ...shown.map((strategy) =>
        Math.max(...times.map((_, index) => this.count(strategy, index, "ports_in_use")))));
      const x = (time) => (left + time / duration * (right - left)).toFixed(1);
      const y = (ports) => (bottom - ports / most * (bottom - top)).toFixed(1);
      const parts = [0, most / 2, most].map((ports) =>
        `<path class="grid" d="M${left} ${y(ports)}H${right}"/>`
        + `<text x="${left - 8}" y="${Number(y(ports)) + 4}" text-anchor="end">`
        + `${whole.format(ports)}</text>`);
      for (const share of [0, 0.5, 1]) {
        parts.push(`<text x="${x(duration * share)}" y="${bottom + 20}" text-anchor="`
          + `${["start", "middle", "end"][share * 2]}">${spoken(duration * share)}</text>`);
      }
      for (const strategy of shown) {
        const steps = times.map((time, index) =>
          `H${x(time)}V${y(this.count(strategy, index, "ports_in_use"))}`).join("");
        parts.push(`<path style="stroke: var(--l${strategy})" d="M${left} ${y(0)}${steps}"/>`);
      }
      parts.push(`<path class="cursor" style="stroke: var(--ink)" d="M0 ${top}V${bottom}"/>`);
      const holder = document.createElement("div");
      holder.innerHTML =
        `<svg class="rescaled" role="img" viewBox="0 0 720 280">${parts.join("")}</svg>`;
      const svg = holder.firstElementChild;
      svg.setAttribute("aria-label", `Ports over time, only ${shown.map((index) =>
        this.data.strategies[index].name).join(", ")}: at most ${whole.format(most)}`);
      figure.prepend(svg);
      this.charts.push({ cursor: svg.querySelector(".cursor"), left, right, svg });
      this.show(this.index);
    }

    setUpCharts() {
      this.charts = [...this.element.querySelectorAll("svg.chart")].map((svg) => ({
        cursor: svg.querySelector(".cursor"),
        left: Number(svg.dataset.left),
        right: Number(svg.dataset.right),
        svg,
      }));
      const figure = this.element.querySelector(".lines");
      const tip = document.createElement("div");
      tip.className = "tip";
      tip.hidden = true;
      figure.append(tip);
      const [chart] = this.charts;
      chart.svg.addEventListener("pointermove", (event) => {
        const index = this.indexUnder(chart, event);
        const lines = this.lines(index);
        tip.replaceChildren(...[spoken(this.data.times[index]), ...lines].map((text) => {
          const line = document.createElement("div");
          line.textContent = text;
          return line;
        }));
        const box = figure.getBoundingClientRect();
        tip.hidden = false;
        const room = box.width - tip.offsetWidth - 4;
        tip.style.left = `${Math.max(0, Math.min(event.clientX - box.left + 14, room))}px`;
        tip.style.top = `${event.clientY - box.top + 14}px`;
      });
      chart.svg.addEventListener("pointerleave", () => { tip.hidden = true; });
      chart.svg.addEventListener("click", (event) => {
        this.pause();
        this.show(this.indexUnder(chart, event));
        this.announce();
      });
    }

    indexUnder(chart, event) {
      const box = chart.svg.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width * chart.svg.viewBox.baseVal.width;
      const share = (x - chart.left) / (chart.right - chart.left);
      return indexAt(this.data.times, Math.max(0, Math.min(1, share)) * this.data.duration);
    }

    setUpMaps() {
      const { map } = this.data;
      return [...this.element.querySelectorAll("canvas.map")].map((canvas, index) => {
        const one = map.strategies[index];
        const cells = Math.ceil(one.ports / one.per);
        const under = canvas.parentElement.querySelector(".count");
        const view = { canvas, one, columns: 1, size: 1, under, cells, frames: decode(map, one) };
        canvas.addEventListener("pointermove", (event) => this.namePort(view, event));
        canvas.addEventListener("pointerdown", (event) => this.namePort(view, event));
        this.layOut(view);
        new ResizeObserver(() => { this.layOut(view); this.draw(); }).observe(canvas.parentElement);
        return view;
      });
    }

    // A cell takes a whole number of the screen's pixels at any width: else cells of one kind
    // would differ in size and make patterns that are not in the data.
    layOut(view) {
      const ratio = devicePixelRatio || 1;
      const width = Math.max(1, Math.floor(view.canvas.parentElement.clientWidth * ratio));
      view.size = Math.max(1, Math.floor(Math.sqrt(width * width / 2 / view.cells)));
      view.columns = Math.floor(width / view.size);
      view.canvas.width = view.columns * view.size;
      view.canvas.height = Math.ceil(view.cells / view.columns) * view.size;
      view.canvas.style.width = `${view.canvas.width / ratio}px`;
    }

    namePort(view, event) {
      const box = view.canvas.getBoundingClientRect();
      const scale = view.canvas.width / box.width / view.size;
      const column = Math.floor((event.clientX - box.left) * scale);
      const cell = Math.floor((event.clientY - box.top) * scale) * view.columns + column;
      if (cell < 0 || cell >= view.cells) return;
      const port = view.one.first + cell * view.one.per;
      const last = Math.min(port + view.one.per, view.one.first + view.one.ports) - 1;
      const name = last > port ? `ports ${port} to ${last}` : `port ${port}`;
      view.canvas.title = `${name}: ${this.data.map.states[view.frames[this.index][cell]]}`;
    }

    play() {
      if (this.index >= this.data.times.length - 1) this.show(0);
      this.playButton.textContent = "Pause";
      this.playButton.setAttribute("aria-pressed", "true");
      let before = performance.now();
      let time = this.data.times[this.index];
      const step = (now) => {
        time += (now - before) / 1000 / Number(this.speed.value) * this.data.duration;
        before = now;
        const index = indexAt(this.data.times, time);
        if (index !== this.index) this.show(index);
        if (index >= this.data.times.length - 1) this.pause();
        else this.playing = requestAnimationFrame(step);
      };
      this.playing = requestAnimationFrame(step);
    }

    pause() {
      if (this.playing) {
        cancelAnimationFrame(this.playing);
        this.announce();
      }
      this.playing = null;
      this.playButton.textContent = "Play";
      this.playButton.setAttribute("aria-pressed", "false");
    }

    count(strategy, index, column) {
      return this.data.strategies[strategy].counts[index][this.data.columns.indexOf(column)];
    }

    // One line for each strategy: its ports at an instant.
    lines(index) {
      return this.data.strategies.map((strategy, place) => {
        const ports = whole.format(this.count(place, index, "ports_in_use"));
        return `${strategy.name}: ${ports} of ${whole.format(strategy.limit)} ports`;
      });
    }

    // Says the moment to screen readers, once, when the clock stands still.
    announce() {
      this.spoken.textContent =
        `At ${spoken(this.data.times[this.index])}: ${this.lines(this.index).join("; ")}.`;
    }

    show(index) {
      this.index = index;
      const time = this.data.times[index];
      this.slider.value = String(index);
      this.slider.setAttribute("aria-valuetext", spoken(time));
      for (const now of this.element.querySelectorAll(".now")) now.textContent = spoken(time);
      for (const { cursor, left, right } of this.charts) {
        const x = left + time / this.data.duration * (right - left);
        cursor.setAttribute("transform", `translate(${x.toFixed(1)} 0)`);
        cursor.setAttribute("visibility", "visible");
      }
      this.element.querySelectorAll(".moment tbody tr").forEach((row, place) => {
        MOMENT.forEach((column, cell) => {
          row.cells[cell + 1].textContent = whole.format(this.count(place, index, column));
        });
      });
      this.draw();
      if (!this.playing && this.isSetUp) {
        const place = `#${this.element.id}&t=${Number(time.toFixed(6))}`;
        history.replaceState(null, "", place);
      }
    }

    // A link to a moment: `#r0&t=98.4`.
    follow(fragment) {
      const [, id, time] = /^#(\w+)&t=([0-9.]+)$/.exec(fragment) ?? [];
      if (id !== this.element.id || !Number.isFinite(Number(time))) return;
      this.show(indexAt(this.data.times, Number(time)));
      this.element.scrollIntoView();
    }

    draw() {
      if (!this.maps.length) return;
      const style = getComputedStyle(document.documentElement);
      const colors = this.data.map.states.map((state) => style.getPropertyValue(`--${state}`));
      this.maps.forEach((view, place) => {
        // Small cells touch each other; larger ones have a gap around them.
        const context = view.canvas.getContext("2d");
        context.clearRect(0, 0, view.canvas.width, view.canvas.height);
        const frame = view.frames[this.index];
        const side = view.size > 3 ? view.size - 1 : view.size;
        // One colour after the other: changing it is what takes time.
        colors.forEach((color, state) => {
          context.fillStyle = color;
          frame.forEach((cell, number) => {
            if (cell !== state) return;
            const column = number % view.columns;
            const row = (number - column) / view.columns;
            context.fillRect(column * view.size, row * view.size, side, side);
          });
        });
        view.under.textContent = this.makeUp(place);
      });
    }

    // What the ports of a strategy are doing, in words.
    makeUp(place) {
      const limit = this.data.strategies[place].limit;
      const taken = this.count(place, this.index, "ports_in_use");
      const names = { time_wait: "TIME_WAIT", close_wait: "CLOSE_WAIT" };
      const parts = this.data.map.states.slice(1)
        .map((state) => [state, this.count(place, this.index, state)])
        .filter(([, number]) => number > 0)
        .map(([state, number]) => `${whole.format(number)} ${names[state] || state}`);
      const states = parts.length ? `: ${parts.join(", ")}` : "";
      return `${whole.format(taken)} of ${whole.format(limit)} ports${states}`;
    }
  }

  const sections = [...document.querySelectorAll("section.result")]
    .map((element) => new Section(element, all[Number(element.dataset.result)]));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const section of sections) section.draw();
  });
})();
