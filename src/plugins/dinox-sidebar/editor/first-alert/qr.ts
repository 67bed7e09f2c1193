/*!
 * QR Code Generator for JavaScript (qrcode-generator), Copyright (c) 2009 Kazuhiko Arase, http://www.d-project.com/
 * Licensed under the MIT license: http://www.opensource.org/licenses/mit-license.php
 * The word 'QR Code' is registered trademark of DENSO WAVE INCORPORATED.
 */
import qrcode from 'qrcode-generator';
import { svg } from '../../../../editor/dom';

/** Light modules around the code (ISO/IEC 18004 §9.1). */
const QUIET = 4;

/** A QR code of a short ASCII text, dark on white in every theme, because cameras need that. */
export function qrCode(text: string, label: string): SVGSVGElement {
  const code = qrcode(0, 'M');
  code.addData(text, 'Byte');
  code.make();
  const count = code.getModuleCount();
  let path = '';
  for (let y = 0; y < count; y++) {
    for (let x = 0; x < count; x++) {
      if (!code.isDark(y, x)) continue;
      let length = 1;
      while (x + length < count && code.isDark(y, x + length)) length += 1;
      path += `M${x + QUIET} ${y + QUIET}h${length}v1h-${length}z`;
      x += length - 1;
    }
  }
  const size = count + 2 * QUIET;
  return svg(
    'svg',
    {
      class: 'dxg-qr',
      viewBox: `0 0 ${size} ${size}`,
      role: 'img',
      'aria-label': label,
      'shape-rendering': 'crispEdges',
    },
    svg('path', { d: path, fill: 'currentColor' }),
  );
}
