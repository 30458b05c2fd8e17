// Decoding: from ids or pieces back to text.
#include <utility>

#include "core/error.h"
#include "sentencepiece/processor_impl.h"
#include "sentencepiece/utf8.h"

namespace tokmill::sentencepiece {
namespace {

constexpr std::string_view kDefaultUnknownSurface = " \xE2\x81\x87 ";

void append_with_spaces(std::string_view piece, std::string& out) {
    for (;;) {
        std::size_t const space = piece.find(kSpaceSymbol);
        out += piece.substr(0, space);
        if (space == std::string_view::npos) return;
        out += ' ';
        piece.remove_prefix(space + kSpaceSymbol.size());
    }
}

// Calls put(surface, bytes) for each character that the bytes make up, and for each byte that
// belongs to none.
template <class Put>
void for_each_char(std::string_view bytes, Put&& put) {
    while (!bytes.empty()) {
        std::size_t const size = valid_char_size(bytes);
        std::size_t const taken = size == 0 ? 1 : size;
        put(size == 0 ? kReplacementCharacter : bytes.substr(0, size), taken);
        bytes.remove_prefix(taken);
    }
}

}  // namespace

// Text that grows piece by piece.
class PlainDecoder {
 public:
    PlainDecoder(ModelProto const& model, Vocabulary const& vocabulary)
        : model_(model), vocabulary_(vocabulary) {}

    // `known`: the piece is the text of its id.
    void add(std::string_view piece, std::int32_t id, bool unknown, bool known) {
        if (vocabulary_.is(id, PieceType::byte)) {
            bytes_ += static_cast<char>(Vocabulary::byte_of(piece));
            return;
        }
        flush();
        if (!is_empty()) at_begin_ = false;
        if (vocabulary_.is(id, PieceType::control)) return;
        std::string_view rest = piece;
        bool dropped_space = false;
        if (at_begin_ &&
            (model_.normalizer.add_dummy_prefix || model_.normalizer.remove_extra_whitespaces) &&
            rest.starts_with(kSpaceSymbol)) {
            rest.remove_prefix(kSpaceSymbol.size());
            // Where white space is collapsed, all of it in front goes.
            dropped_space = !model_.normalizer.remove_extra_whitespaces;
        }
        if (!unknown) {
            append_with_spaces(rest, out_);
        } else if (known) {
            out_ += model_.trainer.unk_surface.value_or(kDefaultUnknownSurface);
        } else {
            out_ += piece;
        }
        if (dropped_space || !is_empty()) at_begin_ = false;
    }

    // The text that no later piece changes and that was not taken yet.
    std::string take() {
        while (!bytes_.empty()) {
            std::size_t const size = valid_char_size(bytes_);
            if (size == 0 && bytes_.size() < 4) break;
            out_ += size == 0 ? kReplacementCharacter : std::string_view(bytes_).substr(0, size);
            bytes_.erase(0, size == 0 ? 1 : size);
        }
        has_taken_ |= !out_.empty();
        return std::exchange(out_, {});
    }

    std::string finish() {
        flush();
        return std::move(out_);
    }

 private:
    bool is_empty() const noexcept { return !has_taken_ && out_.empty(); }
    void flush() {
        for_each_char(bytes_, [this](std::string_view surface, std::size_t) { out_ += surface; });
        bytes_.clear();
    }

    ModelProto const& model_;
    Vocabulary const& vocabulary_;
    std::string out_, bytes_;
    bool has_taken_ = false;
    bool at_begin_ = true;
};

namespace {

// The same with the place of each piece.
class SurfaceDecoder {
 public:
    SurfaceDecoder(ModelProto const& model, Vocabulary const& vocabulary, TextPieces& result)
        : model_(model), vocabulary_(vocabulary), result_(result) {}

    void run(auto const& is_unknown) {
        std::size_t first_byte = 0;
        for (std::size_t i = 0; i < result_.pieces.size(); ++i) {
            TextPiece& piece = result_.pieces[i];
            auto const id = static_cast<std::int32_t>(piece.id);
            if (vocabulary_.is(id, PieceType::byte)) continue;
            set_bytes(first_byte, i);
            first_byte = i + 1;
            if (dropped_space_ || !result_.text.empty()) at_begin_ = false;
            std::size_t const begin = result_.text.size();
            add(piece.text, id, is_unknown(id));
            piece.begin = static_cast<std::uint32_t>(begin);
            piece.end = static_cast<std::uint32_t>(result_.text.size());
            piece.surface = result_.text.substr(begin);
        }
        set_bytes(first_byte, result_.pieces.size());
    }

 private:
    void add(std::string_view piece, std::int32_t id, bool unknown) {
        dropped_space_ = false;
        if (vocabulary_.is(id, PieceType::control)) return;
        if (unknown) {
            bool const known =
                vocabulary_.has(id) && vocabulary_[static_cast<std::size_t>(id)].text == piece;
            result_.text +=
                known ? model_.trainer.unk_surface.value_or(kDefaultUnknownSurface) : piece;
            return;
        }
        if (at_begin_ &&
            (model_.normalizer.add_dummy_prefix || model_.normalizer.remove_extra_whitespaces) &&
            piece.starts_with(kSpaceSymbol)) {
            piece.remove_prefix(kSpaceSymbol.size());
            dropped_space_ = !model_.normalizer.remove_extra_whitespaces;
        }
        if (piece.starts_with(kSpaceSymbol)) {
            piece.remove_prefix(kSpaceSymbol.size());
            result_.text += ' ';
        }
        if (vocabulary_.has_inner_space()) {
            append_with_spaces(piece, result_.text);
        } else {
            result_.text += piece;
        }
    }

    // Byte pieces from `begin` to before `end`: the last of each character stands for it.
    void set_bytes(std::size_t begin, std::size_t end) {
        std::string bytes;
        for (std::size_t i = begin; i < end; ++i) {
            bytes += static_cast<char>(Vocabulary::byte_of(result_.pieces[i].text));
        }
        std::size_t i = begin;
        for_each_char(bytes, [&](std::string_view surface, std::size_t count) {
            for (; count > 1; --count) set_surface(result_.pieces[i++], {});
            set_surface(result_.pieces[i++], surface);
        });
    }
    void set_surface(TextPiece& piece, std::string_view surface) {
        piece.begin = static_cast<std::uint32_t>(result_.text.size());
        result_.text += surface;
        piece.end = static_cast<std::uint32_t>(result_.text.size());
        piece.surface = surface;
    }

    ModelProto const& model_;
    Vocabulary const& vocabulary_;
    TextPieces& result_;
    bool at_begin_ = true, dropped_space_ = false;
};

}  // namespace

std::string Processor::decode_ids(std::span<std::uint32_t const> ids) const {
    PlainDecoder decoder(impl_->model, impl_->vocabulary);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i] >= vocabulary_size()) {
            throw Error(ErrorKind::unknown_token, "no token has the id " + std::to_string(ids[i]),
                        i);
        }
        auto const id = static_cast<std::int32_t>(ids[i]);
        decoder.add(id_to_piece(ids[i]), id, impl_->is_unknown(id), true);
    }
    std::string text = decoder.finish();
    if (!impl_->denormalizer || ids.empty()) return text;
    std::string result;
    impl_->denormalizer->normalize(text, result);
    return result;
}

Processor::Stream::Stream(Processor const& processor) : processor_(&processor) {}

Processor::Stream::~Stream() = default;

std::string Processor::Stream::push(std::uint32_t id) {
    if (id >= processor_->vocabulary_size()) {
        throw Error(ErrorKind::unknown_token, "no token has the id " + std::to_string(id));
    }
    Impl const& impl = *processor_->impl_;
    if (!decoder_) decoder_ = std::make_unique<PlainDecoder>(impl.model, impl.vocabulary);
    decoder_->add(processor_->id_to_piece(id), static_cast<std::int32_t>(id), impl.is_unknown(id),
                  true);
    return impl.denormalizer ? std::string() : decoder_->take();
}

std::string Processor::Stream::finish() {
    if (!decoder_) return {};
    std::string text = decoder_->finish();
    decoder_.reset();
    auto const& denormalizer = processor_->impl_->denormalizer;
    if (!denormalizer) return text;
    std::string result;
    denormalizer->normalize(text, result);
    return result;
}

std::string Processor::decode_pieces(std::span<std::string_view const> pieces) const {
    PlainDecoder decoder(impl_->model, impl_->vocabulary);
    for (std::string_view const piece : pieces) {
        std::int32_t const id = piece_to_id(piece);
        bool const known =
            impl_->vocabulary.has(id) && id_to_piece(static_cast<std::uint32_t>(id)) == piece;
        decoder.add(piece, id, impl_->is_unknown(id), known);
    }
    std::string text = decoder.finish();
    if (!impl_->denormalizer || pieces.empty()) return text;
    std::string result;
    impl_->denormalizer->normalize(text, result);
    return result;
}

TextPieces Processor::decode_with_surfaces(std::span<std::string_view const> pieces) const {
    TextPieces result;
    result.pieces.reserve(pieces.size());
    for (std::string_view const piece : pieces) {
        result.pieces.push_back(
            {std::string(piece), static_cast<std::uint32_t>(piece_to_id(piece)), {}, 0, 0});
    }
    SurfaceDecoder(impl_->model, impl_->vocabulary, result).run([this](std::int32_t id) {
        return impl_->is_unknown(id);
    });
    if (impl_->denormalizer) {
        std::string text;
        impl_->denormalizer->normalize(result.text, text);
        result.text = std::move(text);
    }
    return result;
}

}  // namespace tokmill::sentencepiece
