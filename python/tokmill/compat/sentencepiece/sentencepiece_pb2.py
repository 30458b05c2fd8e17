"""The messages SentencePieceText and NBestSentencePieceText. Needs protobuf."""

from ._descriptors import build

_classes = build(
    "tokmill/sentencepiece.proto",
    {
        "SentencePieceText": {
            "text": (1, "", "string", None),
            "pieces": (2, "repeated", ".SentencePieceText.SentencePiece", None),
            "score": (3, "", "float", None),
        },
        "SentencePieceText.SentencePiece": {
            "piece": (1, "", "string", None),
            "id": (2, "", "uint32", None),
            "surface": (3, "", "string", None),
            "begin": (4, "", "uint32", None),
            "end": (5, "", "uint32", None),
        },
        "NBestSentencePieceText": {
            "nbests": (1, "repeated", ".SentencePieceText", None),
        },
    },
    {},
)
SentencePieceText = _classes["SentencePieceText"]
NBestSentencePieceText = _classes["NBestSentencePieceText"]

__all__ = ["NBestSentencePieceText", "SentencePieceText"]
