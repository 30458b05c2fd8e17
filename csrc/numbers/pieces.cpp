#include "numbers/pieces.h"

namespace tokmill::numbers {
namespace {

class PieceSink {
 public:
    PieceSink(std::string_view text, GroupCutter const& cutter, std::vector<Piece>& pieces)
        : text_(text), cutter_(cutter), pieces_(pieces) {}

    static constexpr bool full() noexcept { return false; }

    void numeral(Numeral const& numeral) {
        if (numeral.plain != Plain::no) return plain(numeral);
        text_until(numeral.begin);
        cutter_.cut(text_, numeral, *this);
        done_ = numeral.end;
    }
    void text_until(std::size_t end) {
        if (end > done_) put(PieceKind::text, {done_, end});
        done_ = end;
    }

    void integer(Span span, std::uint32_t group, bool) {
        put(PieceKind::integer, span, static_cast<int>(cutter_.grid().low(group)));
    }
    void separator(Span span) { put(PieceKind::separator, span); }
    void point(std::size_t at) { put(PieceKind::point, {at, at + 1}); }
    void fraction(Span span, std::uint32_t depth) {
        put(PieceKind::fraction, span, -1 - static_cast<int>(depth));
    }
    static void block(std::size_t) noexcept {}

 private:
    void plain(Numeral const& numeral) {
        for (std::size_t at = numeral.begin; at < numeral.end;) {
            std::size_t const begin = at;
            while (at < numeral.end && Grammar::is_digit(text_[at])) ++at;
            if (at > begin) {
                text_until(begin);
                put(PieceKind::plain, {begin, at});
                done_ = at;
            }
            while (at < numeral.end && !Grammar::is_digit(text_[at])) ++at;
        }
    }
    void put(PieceKind kind, Span span, int power = 0) { pieces_.push_back({kind, span, power}); }

    std::string_view text_;
    GroupCutter const& cutter_;
    std::vector<Piece>& pieces_;
    std::size_t done_ = 0;
};

struct NumeralSink {
    std::vector<Numeral>& numerals;

    static constexpr bool full() noexcept { return false; }
    void numeral(Numeral const& numeral) {
        if (numeral.plain == Plain::no) numerals.push_back(numeral);
    }
};

}  // namespace

std::vector<Piece> find_pieces(std::string_view text, Grammar const& grammar,
                               GroupCutter const& cutter) {
    std::vector<Piece> pieces;
    PieceSink sink(text, cutter, pieces);
    grammar.scan(text, sink);
    sink.text_until(text.size());
    return pieces;
}

std::vector<Numeral> find_numerals(std::string_view text, Grammar const& grammar) {
    std::vector<Numeral> numerals;
    NumeralSink sink{numerals};
    grammar.scan(text, sink);
    return numerals;
}

}  // namespace tokmill::numbers
