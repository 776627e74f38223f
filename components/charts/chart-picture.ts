type Legend = readonly { label: string; color: string }[];

const MARGIN = 20;
const TITLE = 36;
const LINE = 24;
/** Pixels of the picture per pixel of the screen, so that it stays sharp in a document. */
const SHARPNESS = 2;

/**
 * The chart as it is on screen, as a PNG: our own SVG with its colours worked out (so light stays light and dark dark), the words
 * of the axes where the browser has put them, a title above and a legend below.
 */
export async function chartPicture(chart: HTMLElement, title: string, legend: Legend): Promise<Blob> {
  const svg = chart.querySelector("svg");
  const context = document.createElement("canvas").getContext("2d");
  if (!svg || !context) throw new Error("There is no chart to draw.");
  const { color } = getComputedStyle(chart);
  const background = getComputedStyle(document.documentElement).backgroundColor;
  const frame = chart.getBoundingClientRect();
  const plot = svg.getBoundingClientRect();
  const isRtl = getComputedStyle(svg).direction === "rtl";
  const image = await load(svg, plot);

  context.font = fontOf(chart);
  const places = layOut(context, legend, frame.width);
  const { canvas } = context;
  canvas.width = SHARPNESS * (frame.width + 2 * MARGIN);
  canvas.height = SHARPNESS * (frame.height + 2 * MARGIN + TITLE + LINE * ((places.at(-1)?.row ?? 0) + 1.5));
  context.scale(SHARPNESS, SHARPNESS);
  context.fillStyle = background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(MARGIN, MARGIN);
  Object.assign(context, { fillStyle: color, font: fontOf(chart, "600"), textBaseline: "middle", textAlign: "start" });
  context.fillText(title, 0, LINE / 2, frame.width);
  context.translate(0, TITLE);

  context.save();
  context.translate(plot.left - frame.left + (isRtl ? plot.width : 0), plot.top - frame.top);
  context.scale(isRtl ? -1 : 1, 1);
  context.drawImage(image, 0, 0, plot.width, plot.height);
  context.restore();
  for (const stripes of chart.querySelectorAll("[data-open]")) hatch(context, stripes.getBoundingClientRect(), frame, background);
  for (const word of chart.querySelectorAll<HTMLElement>("[data-axis]")) {
    const box = word.getBoundingClientRect();
    const style = getComputedStyle(word);
    if (box.width === 0 || style.visibility === "hidden") continue;
    Object.assign(context, { fillStyle: style.color, font: fontOf(word), textAlign: "left" });
    context.fillText(word.textContent ?? "", box.left - frame.left, box.top - frame.top + box.height / 2);
  }
  context.font = fontOf(chart);
  for (const { label, fill, x, row } of places.map((place) => ({ ...place, fill: resolve(chart, place.color) }))) {
    const y = frame.height + LINE * (row + 1);
    context.fillStyle = fill;
    context.fillRect(x, y - 5, 10, 10);
    context.fillStyle = color;
    context.fillText(label, x + 16, y);
  }
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("The picture is empty."))), "image/png"));
}

/** The drawing by itself: an image knows neither style sheets nor the page's variables. */
async function load(svg: SVGSVGElement, { width, height }: DOMRect): Promise<HTMLImageElement> {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const shapes = svg.querySelectorAll("*");
  for (const [index, shape] of [...copy.querySelectorAll("*")].entries()) {
    const style = getComputedStyle(shapes[index] as Element);
    for (const name of ["fill", "stroke"]) shape.setAttribute(name, style.getPropertyValue(name));
  }
  for (const [name, value] of Object.entries({ xmlns: "http://www.w3.org/2000/svg", width, height })) copy.setAttribute(name, `${value}`);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}

/** Spelled out, because the shorthand of an element with tabular figures is empty. */
function fontOf(element: HTMLElement, weight?: string): string {
  const { fontWeight, fontSize, fontFamily } = getComputedStyle(element);
  return `${weight ?? fontWeight} ${fontSize} ${fontFamily}`;
}

/** Entries side by side, in as many rows as they need. */
function layOut(context: CanvasRenderingContext2D, legend: Legend, width: number) {
  let x = 0;
  let row = 0;
  return legend.map(({ label, color }) => {
    const room = context.measureText(label).width + 40;
    if (x > 0 && x + room > width) {
      x = 0;
      row += 1;
    }
    const place = { label, color, x, row };
    x += room;
    return place;
  });
}

function hatch(context: CanvasRenderingContext2D, box: DOMRect, frame: DOMRect, background: string): void {
  context.save();
  context.beginPath();
  context.rect(box.left - frame.left, box.top - frame.top, box.width, box.height);
  context.clip();
  Object.assign(context, { strokeStyle: background, lineWidth: 2, globalAlpha: 0.75 });
  for (let x = -box.height; x < box.width; x += 7) {
    context.beginPath();
    context.moveTo(box.left - frame.left + x, box.bottom - frame.top);
    context.lineTo(box.left - frame.left + x + box.height, box.top - frame.top);
    context.stroke();
  }
  context.restore();
}

function resolve(chart: HTMLElement, color: string): string {
  const probe = chart.appendChild(document.createElement("i"));
  probe.style.color = color;
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}
