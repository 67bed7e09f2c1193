"""Answers templates with Home Assistant's own class, as its MQTT integration does: a line of JSON in, a line out.

In: {"template", "payload"} or {"template", "variables"}. Out: the text, or null where it is an error.
"""

import asyncio
import json
import logging
import os
import sys
import warnings

from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")


def answer(hass, question):
    template = Template(question["template"], hass)
    try:
        if "payload" not in question:
            return template.async_render(question["variables"], parse_result=False)
        failed = object()
        text = template.async_render_with_possible_json_value(
            question["payload"], failed, variables={}
        )
        return None if text is failed else text
    except Exception:  # What a template raises can be anything.
        return None


async def main():
    hass = HomeAssistant("/tmp")
    for line in sys.stdin:
        print(json.dumps(answer(hass, json.loads(line))))
    sys.stdout.flush()
    # Nothing that the object started may keep the process.
    os._exit(0)


asyncio.run(main())
