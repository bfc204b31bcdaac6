"""The rules of delivery: values in, values out; no IO, no clock, no environment."""
