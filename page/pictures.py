"""The pictures of README.md, from the demo."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"


def take(suite):
    FOLDER.mkdir(exist_ok=True)
    with suite.serve(suite.demo) as serve:
        for name, path, options in [
            ("overview", "/", {"viewport": {"width": 1280, "height": 860}}),
            ("servers", "/pages/servers?verdict=NOT_READY", {"viewport": {"width": 1280, "height": 640}}),
            ("narrow-and-dark", "/", {"viewport": {"width": 400, "height": 860}, "color_scheme": "dark"}),
        ]:
            context = suite.context(serve, **options)
            page = context.new_page()
            page.goto(serve.origin + path)
            file = FOLDER / f"{name}.png"
            page.screenshot(path=file)
            print(f"{file.name}: {file.stat().st_size // 1000} KB")
            context.close()
    return 0
