package io.github.pgmanaged.benchmarks.page;

import io.github.pgmanaged.benchmarks.contenders.Contenders;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.List;
import org.jfree.svg.SVGGraphics2D;
import org.jfree.svg.SVGUtils;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * How plots look: a white card, so that they can be read on a dark page, too; a contender has the same colour and the
 * same marker everywhere, and the colours (Okabe and Ito's) are told apart by the colour-blind.
 */
final class Look {
    static final int WIDTH = 860;
    static final int HEIGHT = 460;

    private static final Color INK = new Color(0x1f2328);
    private static final Color GRID = new Color(0xd1d9e0);
    private static final Color BLACK = new Color(0x000000);
    private static final Color GREY = new Color(0x6e7781);

    private static final List<Color> COLOURS = List.of(
            new Color(0x0072b2),
            new Color(0xd55e00),
            new Color(0x009e73),
            new Color(0xcc79a7),
            new Color(0xe69f00),
            new Color(0x56b4e9),
            new Color(0xb8a800));

    private static final List<Marker> MARKERS = List.of(
            SeriesMarkers.CIRCLE,
            SeriesMarkers.SQUARE,
            SeriesMarkers.DIAMOND,
            SeriesMarkers.TRIANGLE_UP,
            SeriesMarkers.TRIANGLE_DOWN,
            SeriesMarkers.CROSS,
            SeriesMarkers.PLUS);

    private Look() {}

    static Color colour(String contender) {
        return switch (contender) {
            case Contenders.FAIR_LOCK -> BLACK;
            case Contenders.RAW, Contenders.PER_USE -> GREY;
            default -> COLOURS.get(number(contender) % COLOURS.size());
        };
    }

    static Marker marker(String contender) {
        return switch (contender) {
            case Contenders.FAIR_LOCK -> SeriesMarkers.TRAPEZOID;
            case Contenders.RAW, Contenders.PER_USE -> SeriesMarkers.RECTANGLE;
            default -> MARKERS.get(number(contender) % MARKERS.size());
        };
    }

    static BasicStroke stroke(String contender) {
        float width = contender.equals(Contenders.OURS) ? 3.2f : 1.6f;
        float[] dashes = contender.equals(Contenders.FAIR_LOCK) ? new float[] {6, 4} : null;
        return new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND, 10, dashes, 0);
    }

    private static int number(String contender) {
        return Math.max(
                0, Contenders.all().stream().map(each -> each.name()).toList().indexOf(contender));
    }

    static void apply(AxesChartStyler styler) {
        Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
        styler.setBaseFont(font);
        styler.setChartTitleFont(font.deriveFont(Font.BOLD, 15f));
        styler.setAxisTitleFont(font);
        styler.setAxisTickLabelsFont(font);
        styler.setLegendFont(font);
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setPlotBackgroundColor(Color.WHITE);
        styler.setLegendBackgroundColor(Color.WHITE);
        styler.setLegendBorderColor(Color.WHITE);
        styler.setPlotBorderColor(GRID);
        styler.setPlotGridLinesColor(GRID);
        styler.setPlotGridLinesStroke(new BasicStroke(0.7f));
        styler.setChartFontColor(INK);
        styler.setAxisTickLabelsColor(INK);
        styler.setAxisTickMarksColor(GRID);
        styler.setLegendPosition(LegendPosition.OutsideE);
        styler.setChartTitleBoxVisible(false);
        styler.setToolTipsEnabled(false);
        styler.setMarkerSize(8);
    }

    /** The same text for the same chart. */
    static String svg(Chart<?, ?> chart) {
        SVGGraphics2D graphics = new SVGGraphics2D(WIDTH, HEIGHT);
        graphics.setDefsKeyPrefix("d");
        graphics.setGeomDoubleConverter(SVGUtils.createDoubleConverter(2));
        graphics.setTransformDoubleConverter(SVGUtils.createDoubleConverter(4));
        chart.paint(graphics, WIDTH, HEIGHT);
        return graphics.getSVGElement(null, true, null, null, null) + "\n";
    }
}
