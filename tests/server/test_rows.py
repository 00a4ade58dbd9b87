"""A run as lists show it."""


def test_a_row_says_what_weights_can_be_taken_away(client, submit, desk) -> None:
    rows = submit(client, "none", "full", "lora")
    for row, name in zip(rows[1:], ("model.safetensors", "adapter_config.json"), strict=True):
        artifact = desk.folder(row["run"], "local").artifact
        artifact.mkdir()
        (artifact / name).write_text("{}")
    assert [row["weights"] for row in client.get("/api/runs").json()] == ["", "plain", "peft"]
