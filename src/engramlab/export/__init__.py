"""Results in the formats that other programs read: one module is one format."""

from engramlab.export.bids import export_bids
from engramlab.export.figures import export_figures
from engramlab.export.nwb import export_nwb
from engramlab.export.parquet import export_parquet
from engramlab.export.recording import Recording

__all__ = ["Recording", "export_bids", "export_figures", "export_nwb", "export_parquet"]
