import { el } from '../dom';

/** Properties of a drawing that a style sheet sets. */
const STYLES = ['fill', 'fill-opacity', 'stroke', 'stroke-opacity', 'stroke-width', 'stroke-dasharray'];
const MORE = ['stroke-linecap', 'stroke-linejoin', 'font-size', 'font-family', 'text-anchor'];

/** A drawing as it looks now, as PNG on this colour; null if the browser makes none. */
export async function pictureOf(drawing: SVGSVGElement, background: string): Promise<Blob | null> {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const copies = copy.querySelectorAll<SVGElement>('*');
  for (const [at, part] of drawing.querySelectorAll('*').entries()) {
    const style = getComputedStyle(part);
    for (const name of [...STYLES, ...MORE])
      copies[at]?.style.setProperty(name, style.getPropertyValue(name));
  }
  const { width, height } = drawing.getBoundingClientRect();
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  const canvas = el('canvas', '', {
    width: Math.round(width * devicePixelRatio),
    height: Math.round(height * devicePixelRatio),
  });
  const context = canvas.getContext('2d');
  if (!context) return null;
  context.fillStyle = background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}
