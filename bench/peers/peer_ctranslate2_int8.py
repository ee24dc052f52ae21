"""CTranslate2's Encoder with int8 weights and activations that are quantised as they come."""
import peer_ctranslate2

NAME = "CTranslate2 int8"


class Peer(peer_ctranslate2.Peer):
    compute_type = "int8"
