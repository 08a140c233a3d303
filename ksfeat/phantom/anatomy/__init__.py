"""A patient's abdomen as shapes: what is painted first lies deepest."""

from ksfeat.phantom.anatomy.contrast import Contrast
from ksfeat.phantom.anatomy.kidney import Calyx, Kidney
from ksfeat.phantom.anatomy.patient import Patient, draw_patient

__all__ = ["Calyx", "Contrast", "Kidney", "Patient", "draw_patient"]
