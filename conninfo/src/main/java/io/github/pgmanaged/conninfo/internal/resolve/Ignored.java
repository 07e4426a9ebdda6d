package io.github.pgmanaged.conninfo.internal.resolve;

import io.github.pgmanaged.conninfo.Keyword;
import io.github.pgmanaged.conninfo.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is ignored, since it is about speed or diagnosis only. */
final class Ignored {
    private Ignored() {}

    /** A sentence for each keyword that is set to something and has no effect. */
    static List<String> warnings(Map<Keyword, Setting> settings) {
        List<String> warnings = new ArrayList<>();
        for (Setting setting : settings.values()) {
            if (setting.keyword().handling() == Keyword.Handling.IGNORED && asksForSomething(setting.value())) {
                warnings.add("connection option \"" + setting.keyword() + "\" (" + setting.source() + ") is ignored: "
                        + setting.keyword().effect());
            }
        }
        return warnings;
    }

    private static boolean asksForSomething(@Nullable String value) {
        return value != null && !value.isEmpty() && !value.equals("0");
    }
}
