"""Use-cases: one public function, one sentence, one transaction."""
