package dev.bert4j.model;

import java.math.BigDecimal;

/** Numbers as Python prints them. */
final class PythonNumbers {
    private PythonNumbers() {
    }

    /** Python's repr: 0.1, 1e-12, 1e+16, with the fewest digits that give the number back, like Java's. */
    static String format(double value) {
        BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = decimal.precision() - decimal.scale() - 1;
        if (value == 0 || exponent >= -4 && exponent < 16) {
            String plain = decimal.toPlainString();
            return plain.contains(".") ? plain : plain + ".0";
        }
        String digits = decimal.unscaledValue().abs().toString();
        String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
        return (value < 0 ? "-" : "") + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+")
                + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }
}
