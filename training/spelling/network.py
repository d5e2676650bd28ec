"""The spelling network in torch: the base model's layers, a detector, and a corrector by the tied embeddings.

After Zhang et al., Spelling Error Correction with Soft-Masked BERT (ACL 2020), with one encoder for both questions.
"""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from training.reader.network import NEAR_ZERO, WIDTH, Encoder


class Speller(nn.Module):
    """Tokens to states; whether each is wrong, and scores of what was meant. The embeddings stay as they are."""

    def __init__(self, encoder: Encoder, rows: list[int]) -> None:
        """``rows``: ids of the tokens that are kept, in their new order; one more output stands for "too many"."""
        super().__init__()
        self.encoder = encoder
        encoder.words = nn.Embedding.from_pretrained(encoder.words.weight.detach()[rows].clone(), freeze=True)
        self.detect, self.turn = nn.Linear(WIDTH, 1), nn.Linear(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=NEAR_ZERO)
        self.bias, self.deleted = nn.Parameter(torch.zeros(len(rows) + 1)), nn.Parameter(torch.zeros(1, WIDTH))
        with torch.no_grad():
            self.turn.weight.copy_(torch.eye(WIDTH))
            self.turn.bias.zero_()

    def forward(self, ids: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
        """States (texts x tokens x width) and log-odds that each token is wrong."""
        states = self.encoder(ids, told)
        return states, self.detect(states)[:, :, 0]

    def scores(self, states: Tensor) -> Tensor:
        """Places x outputs: kept tokens, then "too many"."""
        turned = self.norm(functional.gelu(self.turn(states)))
        return torch.cat([turned @ self.encoder.words.weight.T, turned @ self.deleted.T], 1) + self.bias
