"""The sample network: the centre in Latvia, 2016-2017."""
