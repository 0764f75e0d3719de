"""Writes what medallion serves: a collection of indicators, and its configuration, with pages of 50 objects.

    collection.py DATA CONFIGURATION
"""

import json
import sys

ID = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"


def indicator(number, pattern, **more):
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--00000000-0000-4000-8000-{number:012x}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "valid_from": "2026-01-01T00:00:00Z",
        "pattern_type": "stix",
        "pattern": pattern,
        **more,
    }


def objects():
    for number in range(120):
        yield indicator(number, f"[ipv4-addr:value = '203.0.113.{number}']")
    yield indicator(200, "[ipv4-addr:value = '198.51.100.0/24' OR domain-name:value = 'bad.example']")
    yield indicator(201, "[ipv4-addr:value = '192.0.2.1']", revoked=True)
    yield indicator(202, "[file:hashes.'SHA-256' = 'aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f']")
    yield indicator(203, "[ipv4-addr:value = '192.0.2.2' AND network-traffic:dst_port = 22]")
    # Nobody asks for what is no indicator.
    yield {
        "type": "identity",
        "spec_version": "2.1",
        "id": "identity--00000000-0000-4000-8000-000000000001",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "name": "Somebody",
    }


def main(data, configuration):
    published = list(objects())
    media_type = "application/stix+json;version=2.1"
    manifest = [
        {
            "id": entry["id"],
            "date_added": f"2026-01-01T00:{place // 60:02}:{place % 60:02}.000000Z",
            "version": entry["modified"],
            "media_type": media_type,
        }
        for place, entry in enumerate(published)
    ]
    with open(data, "w", encoding="utf-8") as file:
        json.dump(
            {
                "/discovery": {"title": "Feeds", "api_roots": ["http://127.0.0.1/api1/"]},
                "api1": {
                    "information": {
                        "title": "Feeds",
                        "versions": ["application/taxii+json;version=2.1"],
                        "max_content_length": 1_000_000,
                    },
                    "status": [],
                    "collections": [
                        {
                            "id": ID,
                            "title": "Addresses",
                            "can_read": True,
                            "can_write": True,
                            "media_types": [media_type],
                            "objects": published,
                            "manifest": manifest,
                        }
                    ],
                },
            },
            file,
        )
    with open(configuration, "w", encoding="utf-8") as file:
        json.dump(
            {
                "backend": {
                    "module": "medallion.backends.memory_backend",
                    "module_class": "MemoryBackend",
                    "filename": data,
                },
                "users": {"reader": "s3cret-of-the-feed"},
                "taxii": {"max_page_size": 50},
            },
            file,
        )


main(*sys.argv[1:])
