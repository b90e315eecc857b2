"""The pictures of README.md, from the demo."""

from pathlib import Path

LARGEST = 150_000
FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"


def take(suite):
    FOLDER.mkdir(exist_ok=True)
    with suite.serve(suite.demo) as serve:
        for name, path, options in [
            ("overview", "/", {"viewport": {"width": 1280, "height": 740}}),
            ("servers", "/pages/servers?verdict=NOT_READY", {"viewport": {"width": 1280, "height": 640}}),
            ("narrow-and-dark", "/", {"viewport": {"width": 400, "height": 860}, "color_scheme": "dark"}),
        ]:
            context = suite.context(serve, **options)
            page = context.new_page()
            page.goto(serve.origin + path)
            file = FOLDER / f"{name}.png"
            page.screenshot(path=file)
            size = file.stat().st_size
            print(f"{file.name}: {size // 1000} KB")
            if size > LARGEST:
                raise AssertionError(f"{file.name} has {size} bytes, at most {LARGEST}")
            context.close()
    return 0
