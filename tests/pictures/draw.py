#!/usr/bin/env python3
"""Draws what pictures.c wrote: NAME-THEME.png of each picture, and NAME.gif of one with many frames.

Usage: draw.py FOLDER < cells
"""

import collections
import json
import sys

from PIL import Image, ImageDraw, ImageFont

FOLDER = '/usr/share/fonts/truetype/dejavu/'
SIZE, WIDTH, HEIGHT, EDGE = 20, 12, 25, 18
GROUND = {'dark': (28, 28, 28), 'light': (255, 255, 255)}
TEXT = {'dark': (208, 208, 208), 'light': (28, 28, 28)}
BASIC = ['000000', 'cd3131', '0dbc79', 'e5e510', '2472c8', 'bc3fbc', '11a8cd', 'e5e5e5',
         '666666', 'f14c4c', '23d18b', 'f5f543', '3b8eea', 'd670d6', '29b8db', 'ffffff']
LEVEL = [0, 95, 135, 175, 215, 255]
COLOURS = 256
TYPED_MS, SHOWN_MS, LAST_MS = 90, 1600, 5000

font = ImageFont.truetype(FOLDER + 'DejaVuSansMono.ttf', SIZE)
bold = ImageFont.truetype(FOLDER + 'DejaVuSansMono-Bold.ttf', SIZE)


def colour(number, default):
    """One of the 256 colours of an xterm."""
    if number < 0:
        return default
    if number < 16:
        return tuple(bytes.fromhex(BASIC[number]))
    if number >= 232:
        return (8 + (number - 232) * 10,) * 3
    number -= 16
    return LEVEL[number // 36], LEVEL[number // 6 % 6], LEVEL[number % 6]


def draw_cell(draw, x, y, cell, theme):
    _, text, fg, bg, turned, is_bold, is_dim, underlined = cell
    fg, bg = colour(fg, TEXT[theme]), colour(bg, GROUND[theme])
    if turned:
        fg, bg = bg, fg
    if is_dim:
        fg = tuple((3 * a + 2 * b) // 5 for a, b in zip(fg, bg))
    draw.rectangle((x, y, x + WIDTH - 1, y + HEIGHT - 1), fill=bg)
    if text == '│':
        draw.line((x + WIDTH // 2, y, x + WIDTH // 2, y + HEIGHT - 1), fill=fg)
    elif text == '─':
        draw.line((x, y + HEIGHT // 2, x + WIDTH - 1, y + HEIGHT // 2), fill=fg)
    elif text != ' ':
        draw.text((x, y + HEIGHT - 6), text, fill=fg, font=bold if is_bold else font, anchor='ls')
    if underlined:
        draw.line((x, y + HEIGHT - 3, x + WIDTH - 1, y + HEIGHT - 3), fill=fg)


def draw_frame(frame, picture):
    theme = picture['theme']
    grounds = collections.Counter(cell[3] for row in frame['rows'] for cell in row)
    ground = colour(grounds.most_common(1)[0][0], GROUND[theme])
    size = picture['columns'] * WIDTH + 2 * EDGE, picture['rows'] * HEIGHT + 2 * EDGE
    image = Image.new('RGB', size, ground)
    draw = ImageDraw.Draw(image)
    for y, row in enumerate(frame['rows']):
        for cell in row:
            draw_cell(draw, EDGE + cell[0] * WIDTH, EDGE + y * HEIGHT, cell, theme)
    x, y = frame['cursor']
    draw.rectangle((EDGE + x * WIDTH - 3, EDGE + y * HEIGHT, EDGE + x * WIDTH - 2,
                    EDGE + (y + 1) * HEIGHT - 1), fill=TEXT[theme])
    return image


def save_movie(name, pictures, frames):
    """A frame before each key: those between letters are short."""
    holds = [TYPED_MS if frame['typed'] else SHOWN_MS for frame in frames[:-1]]
    width, height = pictures[0].size
    every = Image.new('RGB', (width, height * len(pictures)))
    for i, picture in enumerate(pictures):
        every.paste(picture, (0, i * height))
    palette = every.quantize(COLOURS, dither=Image.Dither.NONE)
    small = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    small[0].save(name + '.gif', save_all=True, append_images=small[1:], loop=0,
                  duration=holds + [LAST_MS], optimize=True)


def main():
    for line in sys.stdin:
        picture = json.loads(line)
        drawn = [draw_frame(frame, picture) for frame in picture['frames']]
        name = '%s/%s' % (sys.argv[1], picture['name'])
        still = drawn[-1].quantize(COLOURS, dither=Image.Dither.NONE)
        still.save('%s-%s.png' % (name, picture['theme']), optimize=True)
        if len(drawn) > 1 and picture['theme'] == 'dark':
            save_movie(name, drawn, picture['frames'])


main()
