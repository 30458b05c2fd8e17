// log(exp(a) + exp(b) + ...), without leaving the range of double.
#pragma once

#include <cmath>
#include <limits>

namespace tokmill::bytelm {

class LogSum {
 public:
    void add(double log_value) noexcept {
        if (log_value == -std::numeric_limits<double>::infinity()) return;
        if (log_value <= top_) {
            sum_ += std::exp(log_value - top_);
        } else {
            sum_ = sum_ * std::exp(top_ - log_value) + 1.0;
            top_ = log_value;
        }
    }

    // -infinity if nothing was added.
    double log() const noexcept { return sum_ == 0 ? top_ : top_ + std::log(sum_); }

 private:
    double top_ = -std::numeric_limits<double>::infinity();
    double sum_ = 0;
};

}  // namespace tokmill::bytelm
